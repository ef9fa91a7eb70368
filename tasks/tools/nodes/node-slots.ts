/** A pack's part of a target by its fields: see `slotOf` in `tasks/node-slot.ts`, which writes what is read here. */
export interface SlotName {
  readonly name: string;
  readonly kind: 'git' | 'registry' | 'local';
  /** 2 or more where another directory of that name has the plain one. */
  readonly nth?: number;
}

/** What the name of a slot says, when it is a pack's. */
export function parseSlot(slot: string): SlotName | undefined {
  const [, name, kind, nth] = /^node (.+) \((git|registry|local)\)(?: ~(\d+))?$/s.exec(slot) ?? [];
  if (name === undefined || kind === undefined) return undefined;
  return { name, kind: kind as SlotName['kind'], ...(nth !== undefined && { nth: Number(nth) }) };
}

/** A name that no slot has yet. */
export function freeSlot(name: string, kind: SlotName['kind'], taken: ReadonlySet<string>): SlotName {
  const plain = `node ${name} (${kind})`;
  if (!taken.has(plain)) return { name, kind };
  let nth = 2;
  while (taken.has(`${plain} ~${nth}`)) nth += 1;
  return { name, kind, nth };
}
