/** A palette as a model file: colors from dark to bright, and how many rows of 2,048 random bytes follow them. */
export interface PaletteModel {
  readonly file: string;
  /** Colors as `rrggbb`. */
  readonly stops: readonly string[];
  readonly grainRows: number;
  readonly seed: number;
}

/** The models of the demo: 3 MiB and 2 MiB. */
export const models: readonly PaletteModel[] = [
  {
    file: 'sunset.safetensors',
    stops: ['180c30', '601858', 'c83848', 'f89448', 'ffeca0'],
    grainRows: 1536,
    seed: 0x5eed_0001,
  },
  {
    file: 'ocean.safetensors',
    stops: ['040c24', '08305c', '147894', '78d0c4', 'f4fcf0'],
    grainRows: 1024,
    seed: 0x5eed_0002,
  },
];

const grainWidth = 2048;

/** The bytes of a model in the safetensors format: header length, JSON header, tensors. */
export function modelBytes({ stops, grainRows, seed }: PaletteModel): Buffer {
  const colors = ramp(stops);
  const grain = randomBytes(grainRows * grainWidth, seed);
  const header = {
    __metadata__: { format: 'palette' },
    colors: { dtype: 'U8', shape: [256, 3], data_offsets: [0, colors.length] },
    grain: { dtype: 'U8', shape: [grainRows, grainWidth], data_offsets: [colors.length, colors.length + grain.length] },
  };
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, colors, grain]);
}

/** 256 colors that pass through all stops, in whole numbers. */
function ramp(stops: readonly string[]): Uint8Array {
  const colors = stops.map((stop) => Buffer.from(stop, 'hex'));
  const steps = colors.length - 1;
  return Uint8Array.from({ length: 256 * 3 }, (_, index) => {
    const place = Math.floor(index / 3) * steps;
    const stop = Math.min(Math.floor(place / 255), steps - 1);
    const channel = index % 3;
    const [low, high] = [colors[stop]![channel]!, colors[stop + 1]![channel]!];
    return low + Math.floor(((high - low) * (place - stop * 255)) / 255);
  });
}

/** Bytes from Marsaglia's xorshift with 32 bits of state: the same for the same seed, everywhere. */
function randomBytes(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}
