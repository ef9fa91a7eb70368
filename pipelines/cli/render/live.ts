import type { Emit } from '#engine';
import { type Board, boardFor, post } from './board.ts';
import { closingLines, noted } from './closing.ts';
import { layOut } from './layout.ts';
import { type Paint, paint } from './paint.ts';
import { rowsFor } from './rows.ts';

/** Time as the screen sees it: milliseconds from any start, and things to do later. Each answers how to call it off. */
export interface Clock {
  now(): number;
  after(ms: number, work: () => unknown): () => void;
  every(ms: number, work: () => unknown): () => void;
}

/** A terminal that knows its size, and whether it may be coloured. What others print there meanwhile is shown afterwards. */
export interface LiveFacts {
  readonly stream: NodeJS.WriteStream;
  readonly colour: boolean;
  readonly clock?: Clock;
}

/** A run that ends before this many milliseconds needs no screen, and does not load one. */
const patienceMs = 150;
/** Events only change the board; the screen looks at it this often, in milliseconds, however many there are. */
const frameMs = 80;

interface Screen {
  close(): void;
}

/** A live tree on a terminal, and after the run what a person should know of it. */
export function live({ stream, colour, clock = realClock }: LiveFacts): Emit {
  const brush = paint(colour);
  let board: Board | undefined;
  let screen: Screen | undefined;
  let callOff: (() => void) | undefined;

  const open = async (mine: Board): Promise<void> => {
    const opened = await openScreen({ stream, board: mine, brush, clock });
    // The run may have ended while the screen was being loaded.
    if (board === mine) screen = opened;
    else opened.close();
  };
  const close = (): void => {
    callOff?.();
    screen?.close();
    screen = undefined;
    board = undefined;
  };
  const say = (lines: readonly string[]): void => void stream.write(lines.map((line) => `${line}\n`).join(''));

  return (event) => {
    if (event.type === 'run.started') {
      close();
      const mine = boardFor(event, clock.now());
      board = mine;
      callOff = clock.after(patienceMs, () => open(mine));
    } else if (board === undefined) {
      if (event.type === 'note') say(noted(event, undefined, brush));
    } else if (event.type === 'run.finished') {
      const lines = closingLines(board, event, brush);
      close();
      say(lines);
    } else post(board, event, clock.now());
  };
}

interface Stage {
  readonly stream: NodeJS.WriteStream;
  readonly board: Board;
  readonly brush: Paint;
  readonly clock: Clock;
}

/** listr2 as a screen: its default renderer draws, on rows of ours. It schedules nothing. */
async function openScreen({ stream, board, brush, clock }: Stage): Promise<Screen> {
  const { DefaultRenderer, ListrEventManager, ListrLogger, ProcessOutput, Spinner } = await import('listr2');
  const spinner = new Spinner();

  class Tree extends DefaultRenderer {
    override create(): string {
      const { columns, rows: height } = stream;
      const rows = rowsFor(board, { nowMs: clock.now(), height: height - 2 });
      return layOut(rows, columns)
        .flatMap(({ mark, level, text, detail }) => {
          const sign = mark === 'running' ? brush.of(mark, spinner.fetch()) : brush.sign(mark);
          return this.format(detail === '' ? text : `${text}  ${brush.dim(detail)}`, sign, level);
        })
        .join('\n');
    }
  }

  // The screen's own stream in both places: were stderr held back too, the code that shows the cursor again when a
  // signal ends the process would be held back with it.
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream), useIcons: false });
  const options = { logger, spinner, lazy: true, clearOutput: true, formatOutput: 'truncate' } as const;
  const tree = new Tree([], options, new ListrEventManager());
  await tree.render();
  tree.update();
  const stop = clock.every(frameMs, () => {
    spinner.spin();
    tree.update();
  });
  const close = (): void => {
    process.off('exit', close);
    stop();
    tree.end();
  };
  // However the process ends, the cursor comes back.
  process.once('exit', close);
  return { close };
}

const realClock: Clock = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
  every(ms, work) {
    const timer = setInterval(work, ms).unref();
    return () => clearInterval(timer);
  },
};
