import type { Clock } from '../../pipelines/cli/render/live.ts';

/** A terminal that understands what a screen may send, and nothing else: an unknown sequence is an error. */
export interface Terminal {
  readonly stream: NodeJS.WriteStream;
  /** What is to be seen, without empty lines at the end. */
  seen(): string;
  /** Whether the cursor is to be seen. */
  cursor(): boolean;
  /** Everything that was ever sent. */
  sent(): string;
  readonly writes: string[];
}

const sequences = /\p{Cc}\[(?<private>\?)?(?<n>\d*)(?<command>[A-Za-z])|(?<control>[\n\r])|(?<text>[^\p{Cc}]+)/uy;

export function terminal({ columns = 80, rows = 24 } = {}): Terminal {
  const writes: string[] = [];
  let lines: string[] = [''];
  let [row, column, shown] = [0, 0, true];

  const put = (text: string): void => {
    for (const character of text) {
      if (column === columns) down();
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + character + line.slice(column + 1);
      column++;
    }
  };
  const down = (): void => {
    [row, column] = [row + 1, 0];
    lines[row] ??= '';
    if (row < rows) return;
    lines = lines.slice(1);
    row--;
  };
  const obey = (command: string, n: number): void => {
    if (command === 'A') row = Math.max(0, row - n);
    else if (command === 'B') row = Math.min(rows - 1, row + n);
    else if (command === 'G') column = n - 1;
    else if (command === 'K') lines[row] = n === 2 ? '' : (lines[row] ?? '').slice(0, column);
    else if (command !== 'm') throw new Error(`the terminal does not know ${command}`);
  };
  const write = (sent: string | Uint8Array): boolean => {
    const text = String(sent);
    writes.push(text);
    for (sequences.lastIndex = 0; sequences.lastIndex < text.length;) {
      const groups = sequences.exec(text)?.groups;
      if (groups === undefined) throw new Error(`the terminal does not know ${JSON.stringify(text)}`);
      if (groups['text'] !== undefined) put(groups['text']);
      else if (groups['control'] === '\r') column = 0;
      else if (groups['control'] === '\n') down();
      else if (groups['private'] === undefined)
        obey(groups['command']!, groups['n'] === '' ? (groups['command'] === 'K' ? 0 : 1) : Number(groups['n']));
      else if (groups['n'] === '25') shown = groups['command'] === 'h';
    }
    return true;
  };

  return {
    stream: { write, columns, rows, isTTY: true } as unknown as NodeJS.WriteStream,
    seen: () =>
      lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    cursor: () => shown,
    sent: () => writes.join(''),
    writes,
  };
}

/** A clock that stands still until it is told otherwise. */
export interface ManualClock extends Clock {
  /** Lets time pass up to `nowMs`, and waits for what that sets off. */
  reach(nowMs: number): Promise<void>;
}

export function manualClock(): ManualClock {
  let nowMs = 0;
  const alarms = new Set<{ dueMs: number; everyMs?: number; work: () => unknown }>();
  const set = (alarm: { dueMs: number; everyMs?: number; work: () => unknown }) => {
    alarms.add(alarm);
    return () => void alarms.delete(alarm);
  };
  return {
    now: () => nowMs,
    after: (ms, work) => set({ dueMs: nowMs + ms, work }),
    every: (ms, work) => set({ dueMs: nowMs + ms, everyMs: ms, work }),
    async reach(untilMs) {
      for (;;) {
        const [next] = [...alarms].filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        nowMs = next.dueMs;
        if (next.everyMs === undefined) alarms.delete(next);
        else next.dueMs += next.everyMs;
        await next.work();
      }
      nowMs = untilMs;
    },
  };
}
