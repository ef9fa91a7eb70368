const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `5.1 MB`: decimal units, one decimal above bytes. */
export const formatBytes = (bytes: number): string => {
  const power = powerFor(bytes);
  return `${inUnit(bytes, power)} ${units[power]}`;
};

/** `12.1 of 18.4 MB`: how much of a transfer is done, both in the unit of the whole. */
export const formatShare = (done: number, total: number): string => {
  const power = powerFor(total);
  return `${inUnit(done, power)} of ${inUnit(total, power)} ${units[power]}`;
};

const inUnit = (bytes: number, power: number): string => (bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1);

/** The largest unit that shows at least 1; what would round to `1000.0 kB` is `1.0 MB`. */
function powerFor(bytes: number): number {
  let power = 0;
  while (power < units.length - 1 && Number(inUnit(bytes, power)) >= 1000) power++;
  return power;
}
