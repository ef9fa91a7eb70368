import type { Content } from '#cache';

/** One line of a wheel's RECORD: a path relative to `site-packages`, `algorithm=digest` in URL-safe base64, a size in bytes. */
export interface RecordLine {
  readonly path: string;
  readonly hash?: string;
  readonly size?: number;
}

/** The lines of a RECORD. It is CSV: a field with a comma or a quote is quoted. Throws a SyntaxError on anything else. */
export const parseRecord = (text: string): readonly RecordLine[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', hash = '', size = '', ...rest] = fieldsOf(line);
      if (path === '' || rest.length > 0 || !/^\d*$/.test(size))
        throw new SyntaxError(`Not a line of a RECORD: ${line}`);
      return { path, ...(hash === '' ? {} : { hash }), ...(size === '' ? {} : { size: Number(size) }) };
    });

/** The text of a RECORD, sorted by path. */
export const renderRecord = (lines: readonly RecordLine[]): string =>
  lines
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, hash = '', size = '' }) => `${quoted(path)},${hash},${size}\n`)
    .join('');

/** What a RECORD says of what is in a file. */
export const recordOf = ({ sha256, size }: Content): Omit<RecordLine, 'path'> => ({
  hash: `sha256=${Buffer.from(sha256, 'hex').toString('base64url')}`,
  size,
});

const quoted = (path: string): string => (/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);

/** The fields of one line; a quoted one holds doubled quotes. */
function fieldsOf(line: string): readonly string[] {
  const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)];
  if (fields.map(([whole]) => whole).join('') !== line) throw new SyntaxError(`Not a line of a RECORD: ${line}`);
  return fields.map(([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare ?? '');
}
