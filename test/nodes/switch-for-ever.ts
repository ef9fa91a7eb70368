import { runNode } from './run-node.ts';

/** Changes three packs of the directory it is given for ever: in place, between kinds, there and gone. Tells when it has begun. */
const [root, registry] = process.argv.slice(2);
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: root!,
  COMFY_CACHE_ROOT: `${root}/cache`,
  COMFY_REGISTRY_URL: registry!,
};
const rounds = [
  ['install', 'comfyui-one@1.1.0'],
  ['install', 'comfyui-two@nightly'],
  ['uninstall', 'comfyui-three'],
  ['install', 'comfyui-one@1.0.0'],
  ['install', 'comfyui-two@1.0.0'],
  ['install', 'comfyui-three@1.0.0'],
] as const;
for (let n = 0; ; n += 1) {
  const [what, word] = rounds[n % rounds.length]!;
  await runNode({ environment, cwd: root! }, [what, word, '--target', `${root}/ComfyUI`, '--json', '--offline']);
  if (n === 0) process.stdout.write('begun\n');
}
