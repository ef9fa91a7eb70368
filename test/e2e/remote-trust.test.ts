import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { hasNginx, writer } from '../rig/nginx.ts';
import { machines, madeAnew, variablesFor } from './remote-rig.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { lockOf } from './world.ts';

const on = machines();

/** A key pair: the private key as a file holds it, the public one as a list of trusted keys does. */
function keys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { pem, hex: publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex') };
}

const [main, fork] = [keys(), keys()];

/** Realizes with these of the remote's variables besides. */
function realize(bench: Bench, variables: Readonly<Record<string, string>>): Promise<Ended> {
  const more = Object.entries(variables).map(([name, value]) => [`PIPELINE_REMOTE_CACHE_${name}`, value]);
  return bench.realize('small', [], { env: { ...variablesFor(on.remote), ...Object.fromEntries(more) } });
}

describe.skipIf(!hasNginx)(
  'with a real nginx (skipped where there is none that knows PUT: Debian has nginx-light)',
  () => {
    test('a pull request of a fork cannot put anything into a build of main (CVE-2025-36852)', async () => {
      // The fork is first: it builds what main has not built yet, and where it may write it writes what it likes.
      const pull = await realize(on.machine(), { SIGNING_KEY: fork.pem, TRUSTED_KEYS: main.hex });
      expect(madeAnew(pull)).toHaveLength(10);
      const records = globSync('*/ac/*', { cwd: on.remote.objects });
      expect(new Set(records.map((path) => path.split('/')[0]))).toEqual(new Set([fork.hex]));
      for (const path of records) {
        const record = readFileSync(join(on.remote.objects, path), 'utf8').replaceAll('alpha', 'omega');
        writeFileSync(join(on.remote.objects, path), record);
      }
      // Main makes everything itself, and is believed by all.
      const merged = on.machine();
      writeFileSync(merged.at('key.pem'), main.pem);
      expect(madeAnew(await realize(merged, { SIGNING_KEY: merged.at('key.pem') }))).toHaveLength(10);
      const reader = on.machine();
      writeFileSync(reader.at('trusted'), `# main\n${main.hex}\n`);
      expect(madeAnew(await realize(reader, { TRUSTED_KEYS: reader.at('trusted') }))).toEqual([]);
      // Also the next pull request, which has a key that nobody knows, or none.
      expect(madeAnew(await realize(on.machine(), { SIGNING_KEY: keys().pem, TRUSTED_KEYS: main.hex }))).toEqual([]);
      expect(madeAnew(await realize(on.machine(), { TRUSTED_KEYS: main.hex, MODE: 'read' }))).toEqual([]);
    });

    test('with keys nothing unsigned counts, and without keys nothing signed', async () => {
      const nodes = await on.changed('ALPHA = 2\n');
      expect(madeAnew(await realize(on.machine(nodes), {}))).toContain('fetch-node alpha');
      const signed = await realize(on.machine(nodes), { SIGNING_KEY: main.pem });
      expect(madeAnew(signed)).toEqual(['fetch-node alpha']);
    });

    test('a key that is none turns the remote off, and says so: nothing is sent without it', async () => {
      for (const variables of [{ SIGNING_KEY: '/no/such/key.pem' }, { TRUSTED_KEYS: 'nobody' }]) {
        const before = on.remote.requests().length;
        const ended = await realize(on.machine(), variables);
        expect(ended.summary).toMatchObject({ ok: true });
        expect(ended.notes.filter((text) => text.startsWith('The remote cache is not used: '))).toHaveLength(1);
        expect(on.remote.requests()).toHaveLength(before);
      }
    });

    test('steps see nothing of what opens the remote, and nothing that is kept does either', async () => {
      const nosy = await on.world.node('nosy', {
        '__init__.py': '',
        'install.py': 'import os\nopen("seen.txt", "w").write(repr(dict(os.environ)))\n',
      });
      const b = on.machine({ nodes: [{ ...nosy, run_install: true }] });
      const secrets = [main.pem.split('\n')[1]!, writer.password, 'token-of-the-remote'];
      const ended = await realize(b, { SIGNING_KEY: main.pem, TOKEN: 'token-of-the-remote' });
      expect(ended.summary).toMatchObject({ ok: true });
      const seen = readFileSync(join(b.target, 'custom_nodes/nosy/seen.txt'), 'utf8');
      expect(seen).toContain('PIPELINE_REMOTE_CACHE');
      expect(seen).not.toMatch(/PIPELINE_REMOTE_CACHE_(?:TOKEN|USER|PASSWORD|SIGNING_KEY)/);
      const kept = [b.cache, b.target, b.project, on.remote.objects].flatMap((cwd) =>
        globSync('**/*', { cwd, withFileTypes: true }).flatMap((entry) =>
          entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), 'latin1')] : [],
        ),
      );
      for (const secret of secrets)
        for (const text of [seen, ended.stdout, ended.stderr, ...kept]) expect(text.includes(secret)).toBe(false);
    });
  },
);

const wrong: Readonly<Record<string, readonly string[]>> = {
  'no address': ['--remote-cache', 'cache.example'],
  'an address with a login': ['--remote-cache', 'https://me:hunter2@cache.example/x'],
  'an address with a query': ['--remote-cache', 'https://cache.example/x?token=hunter2'],
  'another protocol': ['--remote-cache', 'ftp://cache.example'],
  'another mode': ['--remote-cache-mode', 'write'],
};

test.for(Object.keys(wrong))('%s is a mistake of the command line, and is not repeated', async (name) => {
  const bench = on.add(openBench());
  bench.lock(
    'small',
    lockOf({ core: { repo: 'demo://git/comfy-core', commit: '0'.repeat(40) }, nodes: [], wheels: [], models: [] }),
  );
  const { exitCode, stdout, stderr } = await bench.pipeline(['realize', 'small', ...wrong[name]!]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('hint: ');
  expect(stdout + stderr).not.toContain('hunter2');
});
