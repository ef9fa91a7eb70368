/** The newest of some releases, as semver orders them (`v` or not); undefined of none. */
export const newest = (versions: readonly string[]): string | undefined =>
  versions.toSorted((a, b) => compare(b, a))[0]?.replace(/^v/, '');

function compare(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [index, number] of left.numbers.entries())
    if (number !== right.numbers[index]) return number - right.numbers[index]!;
  if (left.label === right.label) return 0;
  // What has a label comes before what it leads to.
  if (left.label === '' || right.label === '') return left.label === '' ? 1 : -1;
  return left.label < right.label ? -1 : 1;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly label: string } {
  const [, numbers = '', label = ''] = /^v?(\d+\.\d+\.\d+)(?:-([^+]*))?/.exec(version) ?? [];
  return { numbers: numbers.split('.').map(Number), label };
}
