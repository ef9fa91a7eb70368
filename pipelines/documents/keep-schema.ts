import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeText } from './json.ts';
import { lockfileSchema, versionSchema } from './schema.ts';

const schemas = { versions: versionSchema, lockfiles: lockfileSchema };

/**
 * Writes the JSON Schema that documents of a project name beside them, when it is missing or another release wrote it. A file of
 * that name that is somebody else's stays.
 */
export function keepSchema(root: string, room: keyof typeof schemas): void {
  const file = join(root, room, 'schema.json');
  const schema = schemas[room]();
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  const there = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const isOurs = there?.includes(`"title": ${JSON.stringify(schema.title)}`) ?? true;
  if (isOurs && there !== text) writeText(file, text);
}
