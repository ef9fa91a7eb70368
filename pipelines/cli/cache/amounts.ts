import { Failed } from '#engine';

const sizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const second = 1000;
const times: Readonly<Record<string, number>> = {
  s: second,
  min: 60 * second,
  h: 3600 * second,
  d: 24 * 3600 * second,
  w: 7 * 24 * 3600 * second,
};

/** A size as people write it, in bytes: `50GB`, `1.5 TiB`, `0B`. Throws `usage` for anything else. */
export const parseSize = (text: string, flag: string): number =>
  parseAmount(text, flag, sizes, 'write a size with its unit: 500MB, 50GB, 1.5TB (or MiB, GiB, TiB)');

/** A time as people write it, in milliseconds: `30d`, `12h`, `90s`. Throws `usage` for anything else. */
export const parseTime = (text: string, flag: string): number =>
  parseAmount(text, flag, times, 'write a time with its unit: 90s, 30min, 12h, 30d, 2w');

function parseAmount(text: string, flag: string, units: Readonly<Record<string, number>>, hint: string): number {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit]! : undefined;
  if (factor !== undefined) return Math.round(Number(number) * factor);
  throw new Failed({ kind: 'usage', problem: `--${flag} cannot be ${text}`, hint });
}
