/** What a repository answers to `ls-remote`. Annotated tags are listed under the commit they stand for. */
export interface RemoteRefs {
  /** The full name of the default branch, where the server tells. */
  readonly defaultBranch?: string;
  /** Full name (`refs/heads/main`, `HEAD`) -> commit. */
  readonly commits: ReadonlyMap<string, string>;
}

/** What a name means: one commit, or (`refs/heads/x` and `refs/tags/x` that differ) two. */
export type Meaning =
  | { readonly commit: string; readonly ref: string }
  | { readonly branch: string; readonly tag: string }
  | undefined;

/** The arguments of the one `ls-remote` that answers what `ref` is; the server leaves out what cannot matter. */
export function listing(url: string, ref: string | undefined): readonly string[] {
  if (ref === undefined || ref === 'HEAD') return ['ls-remote', '--symref', '--', url, 'HEAD'];
  if (/^refs\/(?!heads\/|tags\/)/.test(ref)) return ['ls-remote', '--', url, ref, `${ref}^{}`];
  return ['ls-remote', '--heads', '--tags', '--', url];
}

/** Reads what `ls-remote` printed. */
export function parseRefs(text: string): RemoteRefs {
  const commits = new Map<string, string>();
  let defaultBranch: string | undefined;
  for (const line of text.split('\n')) {
    const [value, name] = line.split('\t');
    if (value === undefined || name === undefined) continue;
    if (name === 'HEAD' && value.startsWith('ref: ')) defaultBranch = value.slice('ref: '.length);
    // `refs/tags/v1^{}` follows `refs/tags/v1` and says which commit an annotated tag stands for.
    else commits.set(name.replace(/\^\{\}$/, ''), value);
  }
  return { commits, ...(defaultBranch !== undefined && { defaultBranch }) };
}

/** What `ref` is, by exact name only: `master` is never `feature/master`. Nothing, or `HEAD`, is the default branch. */
export function meaningOf(refs: RemoteRefs, ref: string | undefined): Meaning {
  const exactly = (name: string, shown = name): Meaning => {
    const commit = refs.commits.get(name);
    return commit === undefined ? undefined : { commit, ref: shown };
  };
  if (ref === undefined || ref === 'HEAD') return exactly('HEAD', refs.defaultBranch);
  if (ref.startsWith('refs/')) return exactly(ref);
  const branch = refs.commits.get(`refs/heads/${ref}`);
  const tag = refs.commits.get(`refs/tags/${ref}`);
  if (branch !== undefined && tag !== undefined && branch !== tag) return { branch, tag };
  return exactly(`refs/heads/${ref}`) ?? exactly(`refs/tags/${ref}`);
}

/** The branches and tags whose names are most like `ref`, at most ten, the nearest first. */
export function nearestNames(refs: RemoteRefs, ref: string): readonly string[] {
  const wanted = ref.replace(/^refs\/(?:heads|tags)\//, '');
  return [...refs.commits.keys()]
    .filter((name) => /^refs\/(?:heads|tags)\//.test(name))
    .map((name) => name.replace(/^refs\/(?:heads|tags)\//, ''))
    .map((name) => ({ name, distance: distance(name, wanted) }))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 10)
    .map(({ name }) => name);
}

/** How many characters must be added, dropped or changed to make `b` of `a`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line++) {
    const next = [line];
    for (let column = 1; column <= b.length; column++) {
      const changed = row[column - 1]! + (a[line - 1] === b[column - 1] ? 0 : 1);
      next.push(Math.min(changed, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
