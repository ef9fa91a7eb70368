import * as z from 'zod';

import { defineQuestion } from '#engine';
import { Interpreter } from './interpreter.ts';
import { Wheel } from './wheel.ts';

/** One asker of Python packages: the core, a node, or the version's own `python_packages`. */
const Asker = z.object({ name: z.string(), requirements: z.array(z.string()) });

/** Asks an index which wheels satisfy everybody today: the full closure, each with its hash. */
export const resolveWheels = defineQuestion({
  name: 'resolve-wheels',
  revision: 1,
  resource: 'network',
  input: z.object({
    askers: z.array(Asker),
    interpreter: Interpreter,
    indexUrl: z.string().exactOptional(),
    extraIndexUrls: z.array(z.string()),
  }),
  output: z.object({ wheels: z.array(Wheel) }),
  title: ({ askers }) => `Python packages of ${askers.length} askers`,
  async run({ askers, ...where }, { python }) {
    const requirements = askers.flatMap((asker) => asker.requirements);
    if (requirements.length === 0) return { wheels: [] };
    const closure = await python.resolve({ requirements, ...where });
    const askersOf = (names: readonly string[]): readonly string[] =>
      names.flatMap((name) => {
        const direct = askers.filter((asker) => asker.requirements.includes(name)).map((asker) => asker.name);
        return direct.length > 0 ? direct : [name];
      });
    return {
      wheels: closure.map(({ name, version, url, sha256, wantedBy }) => ({
        name,
        version,
        url,
        sha256,
        filename: decodeURIComponent(url.split('/').at(-1)!.split('#')[0]!),
        wanted_by: [...new Set(askersOf(wantedBy))].toSorted(),
      })),
    };
  },
});
