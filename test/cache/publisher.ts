import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStore, type Store } from '#cache';

/** Publishes trees and files that depend on nothing but their number, and says each digest when the store has it. */
interface Order {
  readonly root: string;
  readonly numbers: readonly number[];
  /** Files in each tree: more than a few are committed as a group. */
  readonly files: number;
}

const { root, numbers, files } = JSON.parse(process.argv[2]!) as Order;
const store = openStore({ root, warn: (text) => say(`warning ${text}`) });

const input = createInterface(process.stdin);
say('ready');
await new Promise((resolve) => input.once('line', resolve));
for (const number of numbers) {
  await tell(`tree ${number}`, publishTree(store, number));
  await tell(`blob ${number}`, publishBlob(store, number));
}
input.close();

async function tell(what: string, publishing: Promise<string>): Promise<void> {
  try {
    say(`${what} ${await publishing}`);
  } catch (error) {
    const { code, errno, path } = error as NodeJS.ErrnoException;
    say(`failed ${what} ${JSON.stringify({ code, errno, path })}`);
  }
}

async function publishTree(into: Store, number: number): Promise<string> {
  await using scratch = await into.scratch();
  const tree = join(scratch.path, 'tree');
  for (let index = 0; index < files; index += 1) {
    const directory = join(tree, `part-${index % 3}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `file-${index}`), `${number} ${index} `.repeat(500));
  }
  return await into.keepTree(tree);
}

async function publishBlob(into: Store, number: number): Promise<string> {
  await using scratch = await into.scratch();
  const path = join(scratch.path, 'blob');
  writeFileSync(path, `blob ${number} `.repeat(200_000));
  return await into.keepFile(path);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
