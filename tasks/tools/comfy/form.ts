import { randomUUID } from 'node:crypto';

/** A form with one file and some texts, and its content type. */
export function formOf(
  file: { readonly field: string; readonly name: string; readonly bytes: Buffer },
  texts: Readonly<Record<string, string>>,
): { readonly body: Buffer; readonly type: string } {
  const boundary = `form-${randomUUID()}`;
  const part = (name: string, more = ''): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n`;
  const body = Buffer.concat([
    ...Object.entries(texts).map(([name, text]) => Buffer.from(`${part(name)}\r\n${text}\r\n`)),
    Buffer.from(
      `${part(file.field, `; filename="${quoted(file.name)}"`)}content-type: application/octet-stream\r\n\r\n`,
    ),
    file.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { body, type: `multipart/form-data; boundary=${boundary}` };
}

/** A file's name as it stands in the head of a part. */
const quoted = (name: string): string => name.replaceAll('"', '%22').replaceAll(/[\r\n]/g, ' ');
