import { createInterface } from 'node:readline';
import { openClaims } from '#cache';

/** Holds a claim from when it gets it until it is told `done`, or killed. */
interface Order {
  readonly directory: string;
  readonly name: string;
  readonly beatMs: number;
}

const { directory, name, beatMs } = JSON.parse(process.argv[2]!) as Order;
const claims = openClaims({ directory, beatMs, lookMs: 5 });
const input = createInterface(process.stdin);
await claims.hold(name, async () => {
  process.stdout.write('held\n');
  await new Promise((resolve) => input.once('line', resolve));
});
process.stdout.write('released\n');
input.close();
