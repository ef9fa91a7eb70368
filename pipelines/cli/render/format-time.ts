/** `2026-03-01 17:05`: a moment, as the clock on the wall shows it. */
export function formatTime(at: Date): string {
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const two = (part: number): string => String(part).padStart(2, '0');
