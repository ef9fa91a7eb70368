/** `40 ms`, `3.2 s`, `12 s`, `1 min 12 s`, `2 h 5 min`: a time in milliseconds, as exact as a person cares for. */
export function formatDuration(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : formatSeconds(ms);
}

/** `3 s`, `1 min 12 s`: a time that runs, in milliseconds; tenths would only flicker. */
export function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return both(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return both(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

const both = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
