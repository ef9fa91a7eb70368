import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hexOf, openTemps, takeInventory, takeObject, volumeNow } from '#cache';

/** Takes everything out of a store that is not needed (hex), again and again, and says each digest as it has gone. */
interface Order {
  readonly root: string;
  readonly needed: readonly string[];
  readonly rounds: number;
}

const { root, needed, rounds } = JSON.parse(process.argv[2]!) as Order;
const [stays, temps] = [new Set(needed), openTemps(join(root, 'tmp'))];
const input = createInterface(process.stdin);
process.stdout.write('ready\n');
await new Promise((resolve) => input.once('line', resolve));
for (let round = 0; round < rounds; round += 1) {
  const now = volumeNow(root);
  for (const stored of takeInventory(root).objects)
    if (!stays.has(hexOf(stored.digest)) && (await takeObject(stored, now, temps)))
      process.stdout.write(`${stored.digest}\n`);
}
process.stdout.write('done\n');
input.close();
