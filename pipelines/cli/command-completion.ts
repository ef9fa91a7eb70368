import { completedVerbs } from './completion/line.ts';

/** `pipeline completion <shell>`: the script that completes our command lines in it. It asks for nothing that takes time. */
export async function commandCompletion(shell: string): Promise<number> {
  const script = await scripts[shell as keyof typeof scripts]();
  process.stdout.write(script(completedVerbs()));
  return 0;
}

const scripts = {
  bash: async () => (await import('./completion/bash.ts')).bashScript,
  zsh: async () => (await import('./completion/zsh.ts')).zshScript,
  fish: async () => (await import('./completion/fish.ts')).fishScript,
};
