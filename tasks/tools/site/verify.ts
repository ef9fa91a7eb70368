import { hashFile } from '#cache';
import type { Ground } from './ground.ts';
import { joined } from './path.ts';

/**
 * Whether every file of a slot has the bytes it was placed with, whatever its fingerprint says. Those that have not are
 * remembered as doubted, so that what is staged next takes them for what they are: edited. A slot without receipt has none.
 */
export async function verifies({ receipts, layout, draft }: Ground, slot: string): Promise<boolean> {
  const receipt = receipts.receipt(slot);
  if (receipt === undefined) return true;
  const doubted = new Set<string>();
  for (const [path, item] of receipt.listing)
    if (item.type === 'file' && (await sha256At(joined(layout.target, joined(receipt.base, path)))) !== item.sha256)
      doubted.add(path);
  if (doubted.size > 0) draft.doubted.set(slot, doubted);
  return doubted.size === 0;
}

/** Nothing where the file cannot be read: then it is not as it was either. */
async function sha256At(path: string): Promise<string | undefined> {
  try {
    return (await hashFile(path)).sha256;
  } catch {
    return undefined;
  }
}
