/** What a package says of itself in METADATA or PKG-INFO. */
export interface Metadata {
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` lines. */
  readonly requires: readonly string[];
  readonly extras: readonly string[];
  readonly requiresPython?: string;
}

/** Reads the header of a METADATA file. Throws a SyntaxError without a name or a version. */
export function parseMetadata(text: string): Metadata {
  const fields = headersOf(text);
  const all = (name: string): readonly string[] => fields.flatMap(([field, value]) => (field === name ? [value] : []));
  const [name, version] = [all('name')[0], all('version')[0]];
  if (!name || !version) throw new SyntaxError('it names neither a package nor a version');
  const requiresPython = all('requires-python')[0];
  return {
    name,
    version,
    requires: all('requires-dist'),
    extras: all('provides-extra'),
    ...(requiresPython ? { requiresPython } : {}),
  };
}

/**
 * Whether a PKG-INFO says what every wheel made from this source will say: since format 2.2 it lists what may differ, and
 * without such a list nothing is promised.
 */
export function isStatic(text: string): boolean {
  const fields = headersOf(text);
  const [major = 0, minor = 0] = (fields.find(([name]) => name === 'metadata-version')?.[1] ?? '')
    .split('.')
    .map(Number);
  const dynamic = fields.flatMap(([name, value]) => (name === 'dynamic' ? [value.toLowerCase()] : []));
  const matters = new Set(['version', 'requires-dist', 'provides-extra', 'requires-python']);
  return (major > 2 || (major === 2 && minor >= 2)) && !dynamic.some((field) => matters.has(field));
}

/** Fields in order, names in lower case; a line that begins with a space goes on with the one before. */
function headersOf(text: string): readonly (readonly [name: string, value: string])[] {
  const [head = ''] = text.replaceAll('\r\n', '\n').split('\n\n', 1);
  return head
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Za-z-]+):\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
    });
}
