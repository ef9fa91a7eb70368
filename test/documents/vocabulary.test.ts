import { posix } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type * as z from 'zod/mini';

import {
  GitCommit,
  GitRef,
  GitUrl,
  LocalPath,
  ModelPath,
  NodeId,
  NodeName,
  RelativePath,
  SemVer,
  Sha256,
  SourceUrl,
  VersionId,
  WheelFilename,
} from '../../tasks/vocabulary.ts';

const sha = 'a'.repeat(40);
const name = 'The name of a node has only printable characters, and no space at its ends';
const gitUrl = 'Expected a git URL: https://, http://, ssh://, git@host:path or file://';
const spaces = 'A git URL does not start with `-`, and has no spaces, `\\` or control characters';
const credentials = 'A git URL holds no credentials: leave them to the credential helper of git';
const ref = 'Expected the name of a branch or tag, as git allows it';
const semver = 'Expected a version such as 1.0.2 or 1.1.0-beta.1';
const source = 'Expected a source: https://, http://, hf://, civitai://, gs:// or file://';
const wheel = 'Expected the name of a wheel, such as demo_lib-1.0-py3-none-any.whl';
const versionId = 'Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit';
const nodeId = 'Expected the id of a registry node: letters, digits, `.`, `_` or `-`, such as `comfyui-kjnodes`';
const emptyPart = 'A path has no empty part and no `.`';
const fileUrl = 'Expected a file:// URL without host, such as file:///data/x';

/** Schema, text, and what a person is told; nothing when the text is accepted. */
const rows: readonly (readonly [schema: keyof typeof schemas, text: string, message?: string])[] = [
  ['VersionId', 'wan22-fast'],
  ['VersionId', '0.A_b'],
  ['VersionId', 'schema', 'This id is reserved: versions/schema.json describes what a version may hold'],
  ['VersionId', 'schema2'],
  ['VersionId', 'a'.repeat(64)],
  ['VersionId', 'a'.repeat(65), versionId],
  ['VersionId', '', versionId],
  ['VersionId', '-rf', versionId],
  ['VersionId', '../x', versionId],
  ['VersionId', 'a\n', versionId],
  ['VersionId', 'a..b', 'A version id has no `..`'],
  ['NodeName', 'ComfyUI_essentials'],
  ['NodeName', 'My Nodes (v2) é'],
  ['NodeName', '', 'Expected the name of one directory, without `/` or `\\`'],
  ['NodeName', '../evil', 'Expected the name of one directory, without `/` or `\\`'],
  ['NodeName', 'a\\b', 'Expected the name of one directory, without `/` or `\\`'],
  ['NodeName', '..', 'The name of a node starts neither with `.` nor with `-`'],
  ['NodeName', '.disabled', 'The name of a node starts neither with `.` nor with `-`'],
  ['NodeName', '-rf', 'The name of a node starts neither with `.` nor with `-`'],
  ['NodeName', 'a\u0000b', name],
  ['NodeName', 'a\u200bb', name],
  ['NodeName', 'a\u202eb', name],
  ['NodeName', 'a ', name],
  ['NodeName', 'é'.repeat(64)],
  ['NodeName', 'é'.repeat(65), 'The name of a node has at most 128 bytes'],
  ['NodeName', 'Foo.disabled', 'This name is reserved: ComfyUI skips such directories'],
  ['NodeName', '__pycache__', 'This name is reserved: ComfyUI skips such directories'],
  ['NodeId', 'comfyui-kjnodes'],
  ['NodeId', 'ComfyUI-Crystools'],
  ['NodeId', 'owner/repo', nodeId],
  ['NodeId', '-x', nodeId],
  ['SemVer', '1.0.2'],
  ['SemVer', '1.1.0-beta.1+build.5'],
  ['SemVer', '1.0.0-x-y.0'],
  ['SemVer', '1.0', semver],
  ['SemVer', 'v1.0.2', semver],
  ['SemVer', '1.02.0', semver],
  ['SemVer', '1.0.0-01', semver],
  ['SemVer', '1.0.0-', semver],
  ['SemVer', '1.0.0+', semver],
  ['SemVer', '1.0.0/../x', semver],
  ['GitUrl', 'https://github.com/kijai/ComfyUI-WanVideoWrapper'],
  ['GitUrl', 'http://127.0.0.1:8080/x.git'],
  ['GitUrl', 'ssh://git@git.example:2222/x.git'],
  ['GitUrl', 'git@git.example:owner/x.git'],
  ['GitUrl', 'file:///data/x%20y'],
  ['GitUrl', 'demo://git/core'],
  ['GitUrl', 'owner/repo', gitUrl],
  ['GitUrl', './local', gitUrl],
  ['GitUrl', 'ext::sh -c id', spaces],
  ['GitUrl', 'ext::sh', gitUrl],
  ['GitUrl', 'https::https://git.example/x', gitUrl],
  ['GitUrl', 'git://git.example/x', gitUrl],
  ['GitUrl', '--upload-pack=id', spaces],
  ['GitUrl', 'https://git.example/a b', spaces],
  ['GitUrl', 'https://git.example/a\nb', spaces],
  ['GitUrl', 'https://git.example\\x', spaces],
  ['GitUrl', 'https://user:secret@git.example/x', credentials],
  ['GitUrl', 'https://token@git.example/x', credentials],
  ['GitUrl', 'ssh://git:secret@git.example/x', credentials],
  ['GitUrl', 'https://git.example/x?token=1', 'A git URL has no `?` and no `#`'],
  ['GitUrl', 'https://git.example/x#egg', 'A git URL has no `?` and no `#`'],
  ['GitUrl', 'ssh://-oProxyCommand=id/x', 'Neither host nor user of a git URL starts with `-`'],
  ['GitUrl', 'ssh://-x@git.example/x', 'Neither host nor user of a git URL starts with `-`'],
  ['GitUrl', 'git@-oProxyCommand=id:x', gitUrl],
  ['GitUrl', 'git@git.example:-x', gitUrl],
  ['GitUrl', 'ssh:///x', 'Expected a host after `ssh://`'],
  ['GitUrl', 'file://server/x', fileUrl],
  ['GitUrl', 'file:///a%2f..%2fb', fileUrl],
  ['GitCommit', sha],
  ['GitCommit', 'a'.repeat(64)],
  ['GitCommit', 'main', 'Expected a full commit: 40 (or 64) lower-case hex characters'],
  ['GitCommit', sha.toUpperCase(), 'Expected a full commit: 40 (or 64) lower-case hex characters'],
  ['GitCommit', 'a'.repeat(41), 'Expected a full commit: 40 (or 64) lower-case hex characters'],
  ['GitRef', 'master'],
  ['GitRef', 'refs/heads/feature/x'],
  ['GitRef', 'v1.0'],
  ['GitRef', 'HEAD'],
  ...['', '-x', '@', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\b', 'a@{1}', 'a.'].map(
    (text) => ['GitRef', text, ref] as const,
  ),
  ...['/a', 'a/', 'a//b', '.a', 'a/.b', 'a.lock', 'a.lock/b', 'a\u007f', 'a'.repeat(256)].map(
    (text) => ['GitRef', text, ref] as const,
  ),
  ['RelativePath', 'loras/x y.safetensors'],
  ['RelativePath', '.venv/bin/python'],
  ['RelativePath', 'a/.pipeline/b'],
  ['RelativePath', '.pipelines'],
  ['RelativePath', '', emptyPart],
  ['RelativePath', 'a//b', emptyPart],
  ['RelativePath', './a', emptyPart],
  ['RelativePath', 'a/', emptyPart],
  ['RelativePath', '/etc/passwd', 'Expected a relative path'],
  ['RelativePath', '../a', 'A path has no `..`'],
  ['RelativePath', 'a/../../b', 'A path has no `..`'],
  ['RelativePath', 'a\\..\\b', 'A path has `/` separators, and no `\\` or control characters'],
  ['RelativePath', 'a\u0000', 'A path has `/` separators, and no `\\` or control characters'],
  ['RelativePath', 'a\n', 'A path has `/` separators, and no `\\` or control characters'],
  ['RelativePath', Array(64).fill('a').join('/')],
  ['RelativePath', Array(65).fill('a').join('/'), 'A path has at most 1024 bytes and 64 parts'],
  ['RelativePath', 'é'.repeat(513), 'A path has at most 1024 bytes and 64 parts'],
  ['RelativePath', '.pipeline', '`.pipeline` is not for others'],
  ['RelativePath', '.Pipeline/journal', '`.pipeline` is not for others'],
  ['LocalPath', './nodes/x'],
  ['LocalPath', '../../nodes/x'],
  ['LocalPath', 'nodes/x', 'Expected a path that starts with `./` or `../`'],
  ['LocalPath', '/nodes/x', 'Expected a path that starts with `./` or `../`'],
  ['LocalPath', './a/../../x', 'A path has no `..`'],
  ['LocalPath', './', emptyPart],
  ['SourceUrl', 'https://huggingface.co/o/r/resolve/main/x.safetensors?download=true'],
  ['SourceUrl', 'hf://o/r@main/x y.safetensors'],
  ['SourceUrl', 'huggingface://o/r/x'],
  ['SourceUrl', 'civitai://models/1'],
  ['SourceUrl', 'gs://bucket/x'],
  ['SourceUrl', 'file:///data/x'],
  ['SourceUrl', 'demo://models/x'],
  ['SourceUrl', 'models://vae/a%20b.pt'],
  ['SourceUrl', 'models://../x', 'A path has no `..`'],
  ['SourceUrl', 'models://%2e%2e/x', 'A path has no `..`'],
  ['SourceUrl', 'models:///etc/x', 'Expected a relative path'],
  ['SourceUrl', 'models://%', 'Expected models:// with a path below the directory of models'],
  ['SourceUrl', 'models/x', source],
  ['SourceUrl', 'ftp://host/x', source],
  ['SourceUrl', 'https://', source],
  ['SourceUrl', 'https://host:port/x', 'Expected a source that is a valid URL'],
  ['SourceUrl', 'https://user:secret@host/x', 'A source holds no user name and no password'],
  ['SourceUrl', 'https://host/\u0000', 'A source has no control characters, and at most 4096 bytes'],
  ['SourceUrl', 'file://server/x', fileUrl],
  ['Sha256', 'a'.repeat(64)],
  ['Sha256', sha, 'Expected a SHA-256: 64 lower-case hex characters'],
  ['WheelFilename', 'torch-2.3.0+cu124-cp311-cp311-linux_x86_64.whl'],
  ['WheelFilename', 'a-1.0-1build-py2.py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'],
  ['WheelFilename', 'a-1.0.tar.gz', wheel],
  ['WheelFilename', '../a-1.0-py3-none-any.whl', wheel],
  ['WheelFilename', 'a-1.0-py3-none-any.whl\n', wheel],
  ['WheelFilename', `${'a'.repeat(255)}-1.0-py3-none-any.whl`, 'The name of a wheel has at most 255 characters'],
];

const schemas = {
  VersionId,
  NodeName,
  NodeId,
  SemVer,
  GitUrl,
  GitCommit,
  GitRef,
  RelativePath,
  LocalPath,
  SourceUrl,
  Sha256,
  WheelFilename,
} satisfies Record<string, z.ZodMiniType<string>>;

test.each(rows.map(([schema, text, message]) => ({ schema, text, message })))(
  '$schema $text: $message',
  ({ schema, text, message }) => {
    const result = schemas[schema].safeParse(text);
    expect(result.error?.issues.map((issue) => issue.message)).toEqual(message === undefined ? undefined : [message]);
  },
);

test('no message quotes what may be a secret', () => {
  const messages = ['https://user:hunter2@git.example/x', 'hunter2 ', 'ftp://hunter2'].flatMap((text) =>
    Object.values(schemas).map((schema) => JSON.stringify(schema.safeParse(text).error?.issues)),
  );
  expect(messages.filter((message) => message?.includes('hunter2'))).toEqual([]);
});

test.each([
  ['custom_nodes/x/ckpt.pth', undefined],
  ['custom_nodes/x/.git/config', 'No part of a model path starts with `.`'],
  ['.venv/bin/python', 'No part of a model path starts with `.`'],
  ['../x', 'A path has no `..`'],
])('ModelPath %j: %s', (path, message) => {
  expect(ModelPath.safeParse({ root: 'target', path }).error?.issues[0]?.message).toBe(message);
});

/** Texts that try to leave a directory. */
const hostile = fc.string({
  unit: fc.constantFrom('a', '.', '..', '/', '\\', '-', ' ', '\u0000', '\n', '~', 'é'),
  maxLength: 8,
});

test('a RelativePath that is accepted is normal, and stays below its directory', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      fc.pre(RelativePath.safeParse(text).success);
      expect(posix.join('/root', text)).toBe(`/root/${text}`);
      expect(posix.resolve('/root', text).startsWith('/root/')).toBe(true);
    }),
  );
});

test('a NodeName that is accepted is one entry of its directory', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      fc.pre(NodeName.safeParse(text).success);
      expect(posix.dirname(posix.join('/root', text))).toBe('/root');
      expect(posix.basename(posix.join('/root', text))).toBe(text);
    }),
  );
});
