import * as z from 'zod';

import { defineQuestion } from '#engine';
import { Wheel } from './wheel.ts';

/** Wheels that are asked for their size at once. */
const together = 16;

/** Asks how large wheels are, where whoever resolved them was not told. A size that cannot be had is left out. */
export const measureWheels = defineQuestion({
  name: 'measure-wheels',
  revision: 1,
  resource: 'network',
  input: z.object({ wheels: z.array(Wheel) }),
  output: z.object({ wheels: z.array(Wheel) }),
  title: () => 'Sizes of wheels',
  async run({ wheels }, { http }) {
    const sizes = new Map<string, number>();
    const left = wheels.filter(({ size }) => size === undefined).values();
    const ask = async (): Promise<void> => {
      for (const { url } of left) {
        const size = await http.size(url);
        if (size !== undefined) sizes.set(url, size);
      }
    };
    await Promise.all(Array.from({ length: together }, ask));
    return {
      wheels: wheels.map((wheel) => {
        const size = wheel.size ?? sizes.get(wheel.url);
        return size === undefined ? wheel : { ...wheel, size };
      }),
    };
  },
});
