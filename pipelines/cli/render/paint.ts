import { styleText } from 'node:util';

/** What a row or a line is about; each has its sign and its colour. */
export type Mark = 'running' | 'waiting' | 'built' | 'cached' | 'failed' | 'skipped' | 'warning' | 'note';

type Style = Parameters<typeof styleText>[0];

/** Puts colours on text, or leaves it as it is. */
export interface Paint {
  /** The sign of a mark: one character. */
  sign(mark: Mark): string;
  of(mark: Mark, text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const signs: Readonly<Record<Mark, string>> = {
  running: '…',
  waiting: '·',
  built: '✔',
  cached: '✔',
  failed: '✖',
  skipped: '↓',
  warning: '⚠',
  note: 'ℹ',
};

const colours: Readonly<Record<Mark, Style>> = {
  running: 'cyan',
  waiting: 'dim',
  built: 'green',
  cached: 'dim',
  failed: 'red',
  skipped: 'yellow',
  warning: 'yellow',
  note: 'blue',
};

/** A paint box; without `colour` it adds nothing to any text. */
export function paint(colour: boolean): Paint {
  // Whether to colour was decided where the environment was read: the stream is not asked again.
  const styled = (style: Style, text: string): string =>
    colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return {
    sign: (mark) => styled(colours[mark], signs[mark]),
    of: (mark, text) => styled(colours[mark], text),
    dim: (text) => styled('dim', text),
    bold: (text) => styled('bold', text),
  };
}
