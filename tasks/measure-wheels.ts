import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { defineQuestion } from '#engine';
import { Wheel } from './wheel.ts';

/** A closure, and what was asked when it was resolved. */
const Closure = z.object({ asked: z.exactOptional(Sha256), wheels: z.array(Wheel) });

/** Wheels that are asked for their size at once. */
const together = 16;

/** Asks how large wheels are, where whoever resolved them was not told. A size that cannot be had is left out. */
export const measureWheels = defineQuestion({
  name: 'measure-wheels',
  revision: 1,
  resource: 'network',
  input: Closure,
  output: Closure,
  title: () => 'Sizes of wheels',
  async run({ wheels, ...closure }, { http }) {
    const sizes = new Map<string, number>();
    const files = wheels.flatMap((wheel) => ('source' in wheel ? [] : wheel));
    const left = files.filter(({ size }) => size === undefined).values();
    const ask = async (): Promise<void> => {
      for (const { url } of left) {
        const size = await http.size(url);
        if (size !== undefined) sizes.set(url, size);
      }
    };
    await Promise.all(Array.from({ length: together }, ask));
    return {
      ...closure,
      wheels: wheels.map((wheel) => {
        if ('source' in wheel) return wheel;
        const size = wheel.size ?? sizes.get(wheel.url);
        return size === undefined ? wheel : { ...wheel, size };
      }),
    };
  },
});
