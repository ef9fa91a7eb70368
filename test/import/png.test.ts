import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Failed } from '#engine';
import { pngTexts } from '../../pipelines/import/png.ts';
import { readSource } from '../../pipelines/import/read-source.ts';
import { pngOf, textOf } from './png.ts';
import { directoryOf, imported, refusalOf } from './project.ts';

const workflow = JSON.stringify({ nodes: [{ type: 'Foö' }] });
const escaped = JSON.stringify({ nodes: [{ type: 'Foo' }] });
const prompt = JSON.stringify({ 1: { class_type: 'Bar', inputs: {} } });
const itxt = (text: Buffer, flag = 0): Buffer =>
  Buffer.concat([Buffer.from(`workflow\0${String.fromCharCode(flag)}\0en\0Ablauf\0`), text]);
const ztxt = (data: Buffer): Buffer => Buffer.concat([Buffer.from('workflow\0\0'), data]);

const outcomeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a PNG', () => {
  it.each([
    ['tEXt', pngOf({ type: 'tEXt', data: textOf('workflow', escaped) }), 'Foo'],
    ['zTXt', pngOf({ type: 'zTXt', data: ztxt(deflateSync(escaped)) }), 'Foo'],
    ['iTXt', pngOf({ type: 'iTXt', data: itxt(Buffer.from(workflow)) }), 'Foö'],
    ['compressed iTXt', pngOf({ type: 'iTXt', data: itxt(deflateSync(workflow), 1) }), 'Foö'],
    [
      'the workflow before the prompt',
      pngOf({ type: 'tEXt', data: textOf('prompt', prompt) }, { type: 'tEXt', data: textOf('workflow', escaped) }),
      'Foo',
    ],
    [
      'the prompt when there is nothing else',
      pngOf({ type: 'tEXt', data: textOf('Comment', 'x') }, { type: 'tEXt', data: textOf('prompt', prompt) }),
      'Bar',
    ],
    [
      'a text behind the image',
      pngOf({ type: 'IDAT', data: Buffer.alloc(100_000) }, { type: 'tEXt', data: textOf('workflow', escaped) }),
      'Foo',
    ],
    [
      'the first of two',
      pngOf({ type: 'tEXt', data: textOf('workflow', escaped) }, { type: 'tEXt', data: textOf('workflow', prompt) }),
      'Foo',
    ],
  ])('carries a workflow as %s', async (_, image, name) => {
    expect((await imported(image)).asked?.classes).toEqual([name]);
  });

  const good = pngOf({ type: 'tEXt', data: textOf('workflow', escaped) });
  const bomb = deflateSync(Buffer.alloc(11 * 1024 * 1024, ' '));
  const deep = '['.repeat(65) + ']'.repeat(65);

  it.each([
    ['no workflow', pngOf({ type: 'tEXt', data: textOf('Comment', 'x') }), 'source: This image carries no workflow'],
    [
      'a length beyond its end',
      pngOf({ type: 'tEXt', data: textOf('workflow', escaped), claim: 0xffff_ffff }),
      'Refused source: a chunk says that it is 4294967295 bytes long, and the file ends before',
    ],
    [
      'a length that is too short',
      pngOf({ type: 'tEXt', data: textOf('workflow', escaped), claim: 10 }),
      'Refused source: the checksum of a text in it is wrong',
    ],
    ['a cut', good.subarray(0, 60), 'Refused source: a chunk says that it is 35 bytes long, and the file ends before'],
    ['no end', good.subarray(0, -12), 'Refused source: it ends before its last chunk'],
    [
      'a wrong checksum',
      pngOf({ type: 'tEXt', data: textOf('workflow', escaped), crc: 1 }),
      'Refused source: the checksum of a text in it is wrong',
    ],
    [
      'a text that unfolds without end',
      pngOf({ type: 'zTXt', data: ztxt(bomb) }),
      'Refused source: a text in it unfolds to more than 10 MB',
    ],
    [
      'a damaged text',
      pngOf({ type: 'zTXt', data: ztxt(Buffer.from('nonsense')) }),
      'Refused source: a compressed text in it is damaged',
    ],
    [
      'a text of 11 MB',
      pngOf({ type: 'tEXt', data: textOf('workflow', ' '.repeat(11 * 1024 * 1024)) }),
      'Refused source: a text in it is longer than 10 MB',
    ],
    [
      'a text without its parts',
      pngOf({ type: 'iTXt', data: Buffer.from('workflow\0\0\0en') }),
      'Refused source: a text in it has no beginning',
    ],
    [
      'a text that is no JSON',
      pngOf({ type: 'tEXt', data: textOf('workflow', '{') }),
      'source (workflow): line 1, column 2: The text ends too early: Expected a key in double quotes',
    ],
    [
      'JSON that is too deep',
      pngOf({ type: 'tEXt', data: textOf('workflow', deep) }),
      'source (workflow): line 1, column 65: Objects and lists are more than 64 deep',
    ],
    [
      'JSON that is no workflow',
      pngOf({ type: 'tEXt', data: textOf('workflow', '{}') }),
      'source (workflow): Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes',
    ],
  ])('with %s is refused', async (_, image, message) => {
    expect(await refusalOf(image)).toBe(message);
  });

  it('of 257 MB is refused before it is read', async () => {
    const file = join(directoryOf({ 'huge.png': good }), 'huge.png');
    truncateSync(file, 257 * 1024 * 1024);
    await expect(readSource(file, 'huge.png')).rejects.toThrow('Refused huge.png: an image has at most 256 MB');
  });

  it('damaged anywhere, gives its text, another part of it, or one clear refusal', () => {
    const image = pngOf(
      { type: 'zTXt', data: ztxt(deflateSync(escaped)) },
      { type: 'iTXt', data: itxt(Buffer.from('{}')) },
    );
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.nat(255), fc.nat(image.length), (at, byte, cut) => {
        const damaged = Buffer.from(image);
        damaged[at] = byte;
        const read = outcomeOf(() => pngTexts(damaged.subarray(0, cut), ['workflow'], 'source'));
        expect(read instanceof Map || read instanceof Failed).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
