/** A workflow command that GitHub Actions shows beside the log of a job: one line, whatever its parts hold. */
export const annotation = (level: 'error' | 'warning', title: string, lines: readonly string[]): string =>
  `::${level} title=${property(title)}::${data(lines.join('\n'))}\n`;

/** The message of a command, as the runner reads it back. */
export const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A property of a command: also the characters that end one. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
