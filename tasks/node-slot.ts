import * as z from 'zod';

import { NodeName } from './vocabulary.ts';

/**
 * One pack as a target knows it. A pack that changes its kind (registry archive, git, local) is another slot: the old
 * one moves to `.disabled/` whole, and comes back whole.
 */
export type NodeSlot = z.infer<typeof NodeSlot>;
export const NodeSlot = z.object({ name: NodeName, kind: z.enum(['git', 'registry', 'local']) });

/** The name of the slot that a pack owns. */
export const slotOf = ({ name, kind }: NodeSlot): string => `node ${name} (${kind})`;

/** Whether a slot is a pack's. */
export const isNodeSlot = (slot: string): boolean => slot.startsWith('node ');

const active = 'custom_nodes/';
const disabled = 'custom_nodes/.disabled/';

/** Where a pack is when ComfyUI is to load it. */
export const activeBase = (name: string): string => `${active}${name}`;

/** Where an active pack waits when it is not wanted: lower case, dots as underscores, as ComfyUI-Manager has it. */
export const disabledBase = (base: string, version: string): string =>
  `${disabled}${base.slice(active.length).toLowerCase()}@${version.replaceAll('.', '_')}`;

/** Whether a pack waits. */
export const isDisabled = (base: string): boolean => base.startsWith(disabled);
