import type { Event } from '#engine';

/** What a process was started with, and what was found out of it before anything was loaded. */
export interface Begun {
  /** The words after the name of the command. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The target that the same words had last time. */
  readonly target: string | undefined;
  /** What they tell, an event as JSON each, where there is nothing to do. */
  readonly told: readonly string[] | undefined;
}

/** Tells again what was told, else does what the words say. Answers the exit code. */
export async function main({ argv, environment, target, told }: Begun): Promise<number> {
  if (told === undefined) {
    // What takes longest to look at is begun with while everything else is loaded.
    const lookout =
      target === undefined ? undefined : (await import('../../tasks/tools/site/lookout.ts')).openLookout(target);
    return (await import('./command-line.ts')).commandLine({ argv, environment, lookout });
  }
  const { openScreen } = await import('./screen.ts');
  const emit = await openScreen({ environment, stdout: process.stdout }, {});
  // They were made safe to show when they were kept.
  for (const line of told) emit(JSON.parse(line) as Event);
  return 0;
}
