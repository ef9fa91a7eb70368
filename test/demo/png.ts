import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Size in pixels, and three bytes for each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/** A PNG file as the core writes it: one IDAT chunk, RGB, no filters. */
export function readPng(file: Buffer): Picture {
  if (!file.subarray(0, 8).equals(signature)) throw new Error('Not a PNG file');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const at = file.indexOf('IDAT');
  const rows = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
  const stride = width * 3 + 1;
  if (rows.length !== stride * height) throw new Error('Not an RGB picture');
  const lines = Array.from({ length: height }, (_, y) => rows.subarray(y * stride + 1, (y + 1) * stride));
  return { width, height, pixels: Buffer.concat(lines) };
}

/** Every color of a picture, as hex. */
export function colorsOf({ pixels }: Picture): ReadonlySet<string> {
  const colors = new Set<string>();
  for (let at = 0; at < pixels.length; at += 3) colors.add(pixels.toString('hex', at, at + 3));
  return colors;
}

/** A PNG file as other programs write it: samples of any color type, every row with the same filter. */
export function writePng(what: {
  readonly width: number;
  readonly samples: Buffer;
  readonly colorType: 0 | 2 | 3 | 4 | 6;
  readonly filter?: 0 | 1 | 2 | 3 | 4;
  readonly palette?: Buffer;
}): Buffer {
  const { width, samples, colorType, filter = 0, palette } = what;
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType];
  const stride = width * channels;
  const height = samples.length / stride;
  const at = (y: number, x: number): number => (y < 0 || x < 0 ? 0 : samples[y * stride + x]!);
  const guess = (y: number, x: number): number => {
    const [left, up, corner] = [at(y, x - channels), at(y - 1, x), at(y - 1, x - channels)];
    const far = (near: number): number => Math.abs(left + up - corner - near);
    const paeth = far(left) <= far(up) && far(left) <= far(corner) ? left : far(up) <= far(corner) ? up : corner;
    return [0, left, up, (left + up) >> 1, paeth][filter]!;
  };
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([filter, ...Array.from({ length: stride }, (__, x) => (at(y, x) - guess(y, x)) & 255)]),
  );
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, colorType, 0, 0, 0]);
  const parts = [chunk('IHDR', header), palette ? chunk('PLTE', palette) : Buffer.alloc(0)];
  return Buffer.concat([
    signature,
    ...parts,
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind), body]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
}
