import * as z from 'zod/mini';

export { Sha256 } from '#cache';

/** Each name is a schema and a type: `GitCommit.parse(text)` yields a `GitCommit`. Messages are for people, and never quote the text: it may hold a secret. */

/** Text in which `fault` finds nothing wrong; what it finds is the message. */
const textWithout = (fault: (text: string) => string | undefined) =>
  z.string().check(({ value, issues }) => {
    const message = fault(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });

const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
const control = /\p{Cc}/u;
const bytes = (text: string): number => Buffer.byteLength(text);

/** Name of a version, and of its file and directory: `wan22-fast`. */
export type VersionId = z.infer<typeof VersionId>;
export const VersionId = textWithout((id) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
    return 'Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit';
  if (id.toLowerCase() === 'schema')
    return 'This id is reserved: versions/schema.json describes what a version may hold';
  return id.includes('..') ? 'A version id has no `..`' : undefined;
}).brand<'VersionId'>();

/** Name of a node's directory below `custom_nodes`. */
export type NodeName = z.infer<typeof NodeName>;
export const NodeName = textWithout((name) => {
  if (name === '' || /[/\\]/.test(name)) return 'Expected the name of one directory, without `/` or `\\`';
  if (/^[.-]/.test(name)) return 'The name of a node starts neither with `.` nor with `-`';
  if (unprintable.test(name) || name.trim() !== name)
    return 'The name of a node has only printable characters, and no space at its ends';
  if (bytes(name) > 128) return 'The name of a node has at most 128 bytes';
  if (/\.disabled$|^__pycache__$/i.test(name)) return 'This name is reserved: ComfyUI skips such directories';
  return undefined;
}).brand<'NodeName'>();

/** Id of a pack in the node registry: `comfyui-kjnodes`, in any case. */
export type NodeId = z.infer<typeof NodeId>;
export const NodeId = textWithout((id) => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) return undefined;
  return 'Expected the id of a registry node: letters, digits, `.`, `_` or `-`, such as `comfyui-kjnodes`';
}).brand<'NodeId'>();

/** Semantic version: `1.0.2`, with prerelease and build where there are any. */
export type SemVer = z.infer<typeof SemVer>;
export const SemVer = textWithout((version) => {
  const [, core, prerelease] = /^([^-+]*)(?:-([^+]*))?(?:\+([\da-z-]+(?:\.[\da-z-]+)*))?$/i.exec(version) ?? [];
  const number = /^(?:0|[1-9]\d*)$/;
  const identifier = (part: string) => number.test(part) || /^(?=.*[a-z-])[\da-z-]+$/i.test(part);
  const numbers = core?.split('.') ?? [];
  if (numbers.length === 3 && numbers.every((part) => number.test(part)) && bytes(version) <= 256)
    if (prerelease === undefined || prerelease.split('.').every(identifier)) return undefined;
  return 'Expected a version such as 1.0.2 or 1.1.0-beta.1';
}).brand<'SemVer'>();

/** What is wrong with a `file://` URL: it names a file of this machine, and says so in full. */
const fileUrlFault = ({ protocol, hostname, pathname }: URL): string | undefined => {
  if (protocol !== 'file:') return undefined;
  const broken = hostname !== '' || /%(?:2f|5c|00)|%(?![\da-f]{2})/i.test(pathname);
  return broken ? 'Expected a file:// URL without host, such as file:///data/x' : undefined;
};

/** Where a git repository is, never with credentials: https, http, ssh, `git@host:path`, `file://`, or `demo://`. */
export type GitUrl = z.infer<typeof GitUrl>;
export const GitUrl = textWithout((url) => {
  if (url.startsWith('-') || /[\s\\]/.test(url) || unprintable.test(url) || bytes(url) > 2048)
    return 'A git URL does not start with `-`, and has no spaces, `\\` or control characters';
  if (/^[\w.]+@[\da-z][\w.-]*:(?![/-])[^:]+$/i.test(url)) return undefined;
  const parsed = /^(?:https?|ssh|file|demo):\/\//.test(url) ? URL.parse(url) : null;
  if (parsed === null) return 'Expected a git URL: https://, http://, ssh://, git@host:path or file://';
  if (parsed.password !== '' || (parsed.username !== '' && parsed.protocol !== 'ssh:'))
    return 'A git URL holds no credentials: leave them to the credential helper of git';
  if (parsed.search !== '' || parsed.hash !== '') return 'A git URL has no `?` and no `#`';
  if (parsed.hostname.startsWith('-') || parsed.username.startsWith('-'))
    return 'Neither host nor user of a git URL starts with `-`';
  if (parsed.hostname === '' && parsed.protocol === 'ssh:') return 'Expected a host after `ssh://`';
  return fileUrlFault(parsed);
}).brand<'GitUrl'>();

/** A commit by its full hash (SHA-1 or SHA-256). */
export type GitCommit = z.infer<typeof GitCommit>;
export const GitCommit = z
  .string()
  .check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'Expected a full commit: 40 (or 64) lower-case hex characters'))
  .brand<'GitCommit'>();

/** The content of a commit, as git names it (`<commit>^{tree}`). */
export type GitTree = z.infer<typeof GitTree>;
export const GitTree = z
  .string()
  .check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'Expected a git tree: 40 (or 64) lower-case hex characters'))
  .brand<'GitTree'>();

/** A branch, a tag, `HEAD` or a full `refs/...` name, by the rules of `git check-ref-format`. */
export type GitRef = z.infer<typeof GitRef>;
export const GitRef = textWithout((ref) => {
  const parts = ref.split('/');
  const broken =
    ref.startsWith('-') ||
    ref === '@' ||
    /[\s~^:?*[\\]|\.\.|@\{|\.$/.test(ref) ||
    control.test(ref) ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  return broken || bytes(ref) > 255 ? 'Expected the name of a branch or tag, as git allows it' : undefined;
}).brand<'GitRef'>();

const pathFault = (path: string): string | undefined => {
  const parts = path.split('/');
  if (/\\/.test(path) || control.test(path)) return 'A path has `/` separators, and no `\\` or control characters';
  if (path.startsWith('/')) return 'Expected a relative path';
  if (parts.includes('..')) return 'A path has no `..`';
  if (parts.some((part) => part === '' || part === '.')) return 'A path has no empty part and no `.`';
  if (bytes(path) > 1024 || parts.length > 64) return 'A path has at most 1024 bytes and 64 parts';
  return undefined;
};

/** A path below a directory that is known from elsewhere: normal, with `/` separators, never into `.pipeline/`. */
export type RelativePath = z.infer<typeof RelativePath>;
export const RelativePath = textWithout(
  (path) => pathFault(path) ?? (/^\.pipeline(?:\/|$)/i.test(path) ? '`.pipeline` is not for others' : undefined),
).brand<'RelativePath'>();

/** A path on this project's machine, relative to the project root: `./x` or `../x`. */
export type LocalPath = z.infer<typeof LocalPath>;
export const LocalPath = textWithout((path) => {
  const [, rest] = /^(?:\.\/|(?:\.\.\/)+)(.*)$/s.exec(path) ?? [];
  return rest === undefined ? 'Expected a path that starts with `./` or `../`' : pathFault(rest);
}).brand<'LocalPath'>();

/** Where a model's file goes: below the directory of models, or below the target. */
export type ModelPath = z.infer<typeof ModelPath>;
export const ModelPath = z.strictObject({
  root: z.enum(['models', 'target']),
  path: RelativePath.check(z.refine((path) => !/(?:^|\/)\./.test(path), 'No part of a model path starts with `.`')),
});

const inModelsFault = (url: string): string | undefined => {
  try {
    return pathFault(decodeURIComponent(url.slice('models://'.length)));
  } catch {
    return 'Expected models:// with a path below the directory of models';
  }
};

const schemes = /^(?:https?|hf|huggingface|civitai|gs|file|demo|models):\/\/./;

/**
 * Where a file comes from: https, http, `hf://`, `civitai://`, `gs://`, `file://` or `demo://`; never with credentials.
 * `models://` is a file that the directory of models must hold already.
 */
export type SourceUrl = z.infer<typeof SourceUrl>;
export const SourceUrl = textWithout((url) => {
  if (control.test(url) || bytes(url) > 4096) return 'A source has no control characters, and at most 4096 bytes';
  if (!schemes.test(url)) return 'Expected a source: https://, http://, hf://, civitai://, gs:// or file://';
  if (url.startsWith('models://')) return inModelsFault(url);
  if (!/^(?:https?|file):/.test(url)) return undefined;
  const parsed = URL.parse(url);
  if (parsed === null) return 'Expected a source that is a valid URL';
  if (parsed.username !== '' || parsed.password !== '') return 'A source holds no user name and no password';
  return fileUrlFault(parsed);
}).brand<'SourceUrl'>();

/** Hex MD5 of bytes: 32 lower-case characters. Good against accidents, not against anybody. */
export type Md5 = z.infer<typeof Md5>;
export const Md5 = z
  .string()
  .check(z.regex(/^[0-9a-f]{32}$/, 'Expected an MD5: 32 lower-case hex characters'))
  .brand<'Md5'>();

/** File name of a wheel: `demo_lib-1.0-py3-none-any.whl`. */
export type WheelFilename = z.infer<typeof WheelFilename>;
export const WheelFilename = z
  .string()
  .check(
    z.maxLength(255, 'The name of a wheel has at most 255 characters'),
    z.regex(
      /^[A-Za-z0-9][\w.]*-[A-Za-z0-9][\w.!+]*(?:-\d[\w.]*)?(?:-[A-Za-z0-9][\w.]*){3}\.whl$/,
      'Expected the name of a wheel, such as demo_lib-1.0-py3-none-any.whl',
    ),
  )
  .brand<'WheelFilename'>();
