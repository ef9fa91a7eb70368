import { Failed, type Interpreter } from '#engine';

import type { Environment } from '../shell.ts';
import { type Compiler, type Portion, startCompiler } from './compiler.ts';

/** The byte-compilers of one interpreter, shared by everything that is unpacked at the same time. */
export interface Compilers {
  /** Compiles a portion as soon as there is a compiler for it. Throws what compilers throw, and `cancelled` when stopped. */
  compile(portion: Portion, signal: AbortSignal): Promise<void>;
}

/** How long a compiler without work stays for more, in milliseconds: starting one takes less. */
const patience = 1_000;

const open = new Map<string, Compilers>();

/** The compilers of an interpreter: at most `most` programs, which start when there is work. */
export function compilersOf(interpreter: Interpreter, environment: Environment, most: number): Compilers {
  const known = open.get(interpreter.path) ?? openCompilers(() => startCompiler(interpreter, environment), most);
  open.set(interpreter.path, known);
  return known;
}

function openCompilers(start: () => Compiler, most: number): Compilers {
  const [idle, waiting]: [Compiler[], (() => void)[]] = [[], []];
  let working = 0;
  let leave: NodeJS.Timeout | undefined;
  const take = async (): Promise<Compiler> => {
    if (working === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else working += 1;
    clearTimeout(leave);
    return idle.pop() ?? start();
  };
  const release = (compiler: Compiler | undefined): void => {
    if (compiler !== undefined) idle.push(compiler);
    const next = waiting.shift();
    if (next !== undefined) return next();
    working -= 1;
    if (working > 0) return;
    leave = setTimeout(() => idle.splice(0).forEach((one) => one.dismiss()), patience).unref();
  };
  return {
    async compile(portion, signal) {
      const compiler = await take();
      let sound: Compiler | undefined;
      const stop = (): void => compiler.kill();
      signal.addEventListener('abort', stop, { once: true });
      try {
        if (signal.aborted) throw new Failed({ kind: 'cancelled' });
        await compiler.compile(portion);
        sound = compiler;
      } catch (error) {
        compiler.kill();
        throw signal.aborted ? new Failed({ kind: 'cancelled' }) : error;
      } finally {
        signal.removeEventListener('abort', stop);
        release(sound);
      }
    },
  };
}
