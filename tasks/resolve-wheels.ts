import * as z from 'zod/mini';

import { Sha256, sha256Of } from '#cache';
import { type AskedLine, canonical, defineQuestion, Failed } from '#engine';
import { holdSource } from './hold-source.ts';
import { Interpreter } from './interpreter.ts';
import { Requirement } from './requirement.ts';
import { Wheel } from './wheel.ts';

/** One asker of Python packages: the core, a node, or the version's own `python_packages`. */
const Asker = z.object({ name: z.string(), requirements: z.array(Requirement) });

/** What a closure was before: what was asked then, and the packages that are to move (none of them: all may). */
const Before = z.object({ asked: z.exactOptional(Sha256), wheels: z.array(Wheel), moving: z.array(z.string()) });

/** Asks an index which wheels satisfy everybody today: the full closure for one platform, each with its hash. */
export const resolveWheels = defineQuestion({
  name: 'resolve-wheels',
  revision: 2,
  resource: 'network',
  input: z.object({
    askers: z.array(Asker),
    /** These win over what anybody else says of the same package. */
    overrides: z.array(Requirement),
    before: z.exactOptional(Before),
    interpreter: Interpreter,
    /** `linux-x86_64`; it need not be this machine's. */
    platform: z.string(),
    /** Which build of torch: `cu128`. */
    torch: z.exactOptional(z.string()),
    indexUrl: z.exactOptional(z.string()),
    extraIndexUrls: z.array(z.string()),
  }),
  output: z.object({ asked: Sha256, wheels: z.array(Wheel) }),
  about: ({ platform, torch }) => (torch === undefined ? platform : `${platform} ${torch}`),
  title: ({ askers, platform, torch }) =>
    `Packages for ${platform}${torch === undefined ? '' : ` with ${torch}`}, asked for by ${askers.length}`,
  async run({ askers, overrides, before, interpreter, ...where }, tools) {
    const wanted = taken(askers, overrides);
    const { indexUrl, extraIndexUrls } = where;
    const asked = sha256Of(canonical({ wanted, overrides, indexUrl, extraIndexUrls }));
    const { wheels = [], moving = [] } = before ?? {};
    if (before?.asked === asked && moving.length === 0) return { asked, wheels };
    const kept = wheels.filter(({ name }) => !moving.includes(name));
    const scratch = await tools.store.scratch();
    const { packages, notes } = await tools.python.resolve({
      lines: await holdAll(wanted, { before: kept, into: `${scratch}/line`, tools }),
      overrides: await holdAll(overrides, { before: kept, into: `${scratch}/override`, tools }),
      kept,
      interpreter,
      ...where,
      scratch,
    });
    for (const { level, text } of notes) tools.report.note(level, text);
    return { asked, wheels: [...packages] };
  },
});

type Line = z.infer<typeof Requirement>;

/** The lines that count. Throws `refused`, naming all that may not be taken; an override of its name does without a line. */
function taken(askers: readonly z.infer<typeof Asker>[], overrides: readonly Line[]): readonly Line[] {
  const overridden = new Set(overrides.flatMap(({ name }) => name ?? []));
  const lines = askers.flatMap(({ requirements }) => requirements);
  const refused = lines.filter(({ refused: why, name }) => why !== undefined && !overridden.has(name ?? ''));
  if (refused.length > 0) throw refusal(refused);
  // A name is all that is left of what is overridden: whoever asks for it is still said.
  return lines.map(({ line, where, name, source, refused: why }) => {
    const isReplaced = name !== undefined && overridden.has(name) && (why !== undefined || source !== undefined);
    return isReplaced ? { line: name, where, name } : { line, where, ...(name && { name }), ...(source && { source }) };
  });
}

function refusal(lines: readonly Line[]): Failed {
  const listed = lines.map(({ where, line, refused }) => `${where} (${line}): ${refused}`);
  return new Failed({
    kind: 'refused',
    what: lines.length === 1 ? listed[0]!.split('): ')[0]! + ')' : `${lines.length} requirement lines`,
    because: lines.length === 1 ? lines[0]!.refused! : `\n  ${listed.join('\n  ')}`,
    hint: 'name the package in python.overrides, or leave the lines of that node out with "install_requirements": false and add what it needs to python_packages',
  });
}

/** Lines with the files of those that name an address. */
const holdAll = (
  lines: readonly Line[],
  { into, ...way }: Parameters<typeof holdSource>[1],
): Promise<readonly AskedLine[]> =>
  Promise.all(
    lines.map(async ({ line, where, source }, at) =>
      source === undefined
        ? { line, where }
        : { line, where, held: await holdSource(source, { ...way, into: `${into}-${at}` }) },
    ),
  );
