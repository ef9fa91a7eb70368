import * as z from 'zod/mini';

import { NodeName } from './vocabulary.ts';

/**
 * One pack as a target knows it. A pack that changes its kind (registry archive, git, local) is another slot: the old
 * one moves to `.disabled/` whole, and comes back whole.
 */
export type NodeSlot = z.infer<typeof NodeSlot>;
export const NodeSlot = z.object({
  name: NodeName,
  kind: z.enum(['git', 'registry', 'local']),
  /** Tells directories apart that were placed under one name: 2 or more, where the plain name is another one's. */
  nth: z.exactOptional(z.int().check(z.minimum(2))),
});

/** The name of the slot that a pack owns. `tasks/tools/nodes/node-slots.ts` reads it back. */
export const slotOf = ({ name, kind, nth }: NodeSlot): string =>
  `node ${name} (${kind})${nth === undefined ? '' : ` ~${nth}`}`;

/** Whether a slot is a pack's. */
export const isNodeSlot = (slot: string): boolean => slot.startsWith('node ');

const active = 'custom_nodes/';
const disabled = 'custom_nodes/.disabled/';

/** Where a pack is when ComfyUI is to load it. */
export const activeBase = (name: string): string => `${active}${name}`;

/** Where an active pack waits when it is not wanted: lower case, dots as underscores, as ComfyUI-Manager has it. */
export const disabledBase = (base: string, version: string): string =>
  `${disabled}${base.slice(active.length).toLowerCase()}@${version.replaceAll('.', '_')}`;

/** A directory of a pack, active or waiting, counted from the target. */
export const NodePath = z
  .string()
  .check(
    z.regex(
      /^custom_nodes\/(?:\.disabled\/)?(?!\.)[^/\0]+$/,
      'Expected a directory below custom_nodes or custom_nodes/.disabled',
    ),
  );

/** Whether a pack waits. */
export const isDisabled = (base: string): boolean => base.startsWith(disabled);
