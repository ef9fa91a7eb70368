import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { getSystemErrorName } from 'node:util';

import { Failed, type Interpreter } from '#engine';

import type { Environment } from '../shell.ts';
import { localEnvironment } from './environment.ts';

/** Some sources of one directory, `root`. `files` are counted from it, so that no place is written into the bytes. */
export interface Portion {
  readonly root: string;
  readonly files: readonly string[];
}

/** A Python program that byte-compiles, one portion at a time. It ends with this process, and keeps nobody waiting. */
export interface Compiler {
  /** Throws `disk` when a file cannot be read or written, `command` when Python dies of it, `absent` when there is none. */
  compile(portion: Portion): Promise<void>;
  /** Has it end once it has nothing to do. */
  dismiss(): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/**
 * Takes a portion a line, and answers how it went: 0, the number of an error of the disk, or minus the signal that ended it.
 * What does not compile (code for another Python) is left out, as every installer does. Each portion has a process of its own,
 * which starts where all others start: what was compiled before would show in the bytes. The first entry of the search path
 * would be foreign code.
 */
const program = `
import sys
del sys.path[0]
import gc, json, marshal, os
from importlib.util import MAGIC_NUMBER, source_hash

head = MAGIC_NUMBER + (1).to_bytes(4, 'little')
made = set()

def compile_file(path):
    with open(path, 'rb', buffering=0) as file:
        source = file.read()
    try:
        code = marshal.dumps(compile(source, path, 'exec', dont_inherit=True))
    except Exception:
        return
    directory, slash, name = path.rpartition('/')
    cache = f'{directory}{slash}__pycache__'
    if cache not in made:
        os.makedirs(cache, exist_ok=True)
        made.add(cache)
    with open(f'{cache}/{name[:-3]}.{sys.implementation.cache_tag}.pyc', 'wb') as file:
        file.write(head + source_hash(source) + code)

# Nothing here goes in circles: looking for that takes a twentieth of the time.
gc.disable()

for line in sys.stdin:
    portion = json.loads(line)
    child = os.fork()
    if child == 0:
        try:
            os.chdir(portion['root'])
            for path in portion['files']:
                compile_file(path)
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 5)
    status = os.waitpid(child, 0)[1]
    print(-(status & 127) or status >> 8, flush=True)
`;

/** Starts one. */
export function startCompiler(interpreter: Interpreter, environment: Environment): Compiler {
  const child = spawn(interpreter.path, ['-s', '-S', '-W', 'ignore', '-c', program], {
    // Ctrl-C is for the run to handle.
    detached: true,
    cwd: '/',
    env: localEnvironment(environment),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = Promise.withResolvers<never>();
  void ended.promise.catch(() => {});
  child.once('error', (cause) => ended.reject(unstartable(interpreter, cause)));
  child.once('exit', (code) => ended.reject(died(interpreter, code)));
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hold = (working: boolean): void => {
    const held = [child, ...[child.stdin, child.stdout].filter((pipe) => pipe instanceof Socket)];
    for (const thing of held) {
      if (working) thing.ref();
      else thing.unref();
    }
  };
  hold(false);
  return {
    async compile(portion) {
      hold(true);
      try {
        child.stdin.write(`${JSON.stringify(portion)}\n`);
        const { value } = await Promise.race([answers.next(), ended.promise]);
        const status = value === undefined ? await ended.promise : Number(value);
        if (status < 0) throw died(interpreter, status);
        if (status > 0) throw new Failed({ kind: 'disk', path: portion.root, code: getSystemErrorName(-status) });
      } finally {
        hold(false);
      }
    },
    dismiss: () => void child.stdin.end(),
    kill() {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    },
  };
}

const died = ({ path }: Interpreter, exitCode: number | null): Failed =>
  new Failed({ kind: 'command', command: `${path} (byte-compiling)`, exitCode, output: [] });

function unstartable({ path }: Interpreter, cause: Error): Failed {
  const hint = 'install it, or name another interpreter in COMFY_PYTHON';
  return new Failed({ kind: 'absent', what: `The program ${path}`, hint }, { cause });
}
