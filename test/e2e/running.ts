import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Event } from '#engine';

import { empty, save } from '../demo/client.ts';
import type { Prompt } from '../demo/workbench.ts';
import { type Bench, checkout } from './rig.ts';

/** A node of nodes that fail, wait, and say something: a user's own, beside those that were realized. */
const trouble = `
from comfy_demo.progress import ProgressBar, raise_if_interrupted

class Failing:
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "fail"
    INPUT_TYPES = classmethod(lambda cls: {"required": {"image": ("IMAGE",)}})
    def fail(self, image):
        import os
        raise ValueError("no %s" % os.environ.get("MY_TOKEN", "luck"))

class Waiting:
    RETURN_TYPES = ()
    FUNCTION = "wait"
    OUTPUT_NODE = True
    INPUT_TYPES = classmethod(lambda cls: {})
    def wait(self):
        while True:
            raise_if_interrupted()

class Leaving(Waiting):
    def wait(self):
        import os
        print("out of memory", flush=True)
        os._exit(9)

class Saying:
    RETURN_TYPES = ()
    FUNCTION = "say"
    OUTPUT_NODE = True
    INPUT_TYPES = classmethod(lambda cls: {"required": {"text": ("STRING", {}), "seed": ("INT", {"max": 1 << 64})}})
    def say(self, text, seed):
        bar = ProgressBar(3)
        for step in range(3):
            bar.update()
        return {"ui": {"text": ["%s %d" % (text, seed)]}}

NODE_CLASS_MAPPINGS = {"Failing": Failing, "Waiting": Waiting, "Leaving": Leaving, "Saying": Saying}
`;

/** Puts the nodes into a realized demo. */
export function addTrouble(target: string): void {
  mkdirSync(join(target, 'custom_nodes/trouble'));
  writeFileSync(join(target, 'custom_nodes/trouble/__init__.py'), trouble);
}

/** Makes a target by hand: a `main.py` of that text, and a Python. */
export function makeTarget(target: string, main: string, home = '.'): void {
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  mkdirSync(join(target, home, '.venv/bin'), { recursive: true });
  symlinkSync(python, join(target, home, '.venv/bin/python'));
  writeFileSync(join(target, home, 'main.py'), main);
}

/** Workflows by what becomes of them. */
const workflows: Readonly<Record<string, Prompt>> = {
  small: { 1: empty, 2: save('1', 'small') },
  failing: { 1: empty, 2: { class_type: 'Failing', inputs: { image: ['1', 0] } }, 3: save('2') },
  waiting: { 7: { class_type: 'Waiting', inputs: {} } },
  leaving: { 7: { class_type: 'Leaving', inputs: {} } },
  saying: { 4: { class_type: 'Saying', inputs: { text: 'hello', seed: 5 } } },
  invalid: {
    1: { class_type: 'PaletteLoader', inputs: { palette_name: 'none.safetensors' } },
    2: { class_type: 'EmptyImage', inputs: { width: 0, height: 4, batch_size: 1, color: 255 } },
    3: { class_type: 'DemoApplyPalette', inputs: { image: ['2', 0], palette: ['1', 0], texture: 'linen', dither: 0 } },
    4: save('3'),
  },
  nothing: { 1: empty },
};

/** Writes them into the project, as `<name>.json`. */
export const writeWorkflows = (bench: Bench): void =>
  bench.write(Object.fromEntries(Object.entries(workflows).map(([name, graph]) => [`${name}.json`, graph])));

/** What a workflow made, as the handler tells it. */
export interface Result {
  readonly workflow: string;
  readonly prompt_id: string;
  readonly outputs: readonly Readonly<Record<string, string | number>>[];
}

/** The documents that were printed: one a line, and nothing else. */
export const resultsIn = (stdout: string): readonly Result[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Result);

/** The events that were told on standard error: one a line, and nothing else. */
export const eventsIn = (stderr: string): readonly Event[] =>
  stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);

/** A run of the command line that is talked to: its lines, as they come. */
export interface Talk {
  readonly child: ChildProcess;
  /** The next line of a stream that fits. Throws when there will be none. */
  line(stream: 'stdout' | 'stderr', fits: (line: string) => boolean): Promise<string>;
  readonly exitCode: Promise<number | null>;
}

/** Starts one, with its standard input open. */
export function talk(bench: Bench, args: readonly string[], env: Readonly<Record<string, string>> = {}): Talk {
  const child = spawn(process.execPath, [join(checkout, 'pipelines/cli/launch.cjs'), ...args], {
    cwd: bench.project,
    env: { PATH: process.env['PATH'] ?? '', HOME: bench.home, COMFY_CACHE_ROOT: bench.cache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = {
    stdout: createInterface(child.stdout)[Symbol.asyncIterator](),
    stderr: createInterface(child.stderr)[Symbol.asyncIterator](),
  };
  const seen: string[] = [];
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    exitCode,
    async line(stream, fits) {
      for (;;) {
        const { value, done } = await lines[stream].next();
        if (done) throw new Error(`No such line:\n${seen.join('\n')}`);
        seen.push(value);
        if (fits(value)) return value;
      }
    },
  };
}
