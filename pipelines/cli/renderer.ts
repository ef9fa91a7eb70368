import type { Emit } from '#engine';
import { safely } from './safe-text.ts';

/** The ways to show a run. */
export type RendererName = 'live' | 'plain' | 'json' | 'github';

/** Which way fits: what was asked for, else what reads it, else what it is shown on. */
export function chooseRenderer(facts: {
  readonly json: boolean;
  readonly ci: boolean;
  readonly github: boolean;
  readonly isTerminal: boolean;
}): RendererName {
  if (facts.json) return 'json';
  if (facts.github) return 'github';
  return facts.isTerminal && !facts.ci ? 'live' : 'plain';
}

/** Where a renderer writes, and what it may never show: the values of the environment that are secret. */
export interface RendererFacts {
  readonly stream: NodeJS.WriteStream;
  readonly colour: boolean;
  readonly secrets: readonly string[];
}

/** Loads a renderer, and nothing of the others. Every text it is given is safe to show. */
export async function openRenderer(name: RendererName, { secrets, ...facts }: RendererFacts): Promise<Emit> {
  const { stream } = facts;
  // Who no longer reads (`| head`) ends the showing, not the run.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const write = (text: string): void => void stream.write(text);
  switch (name) {
    case 'live':
      return safely((await import('./render/live.ts')).live(facts), secrets);
    case 'plain':
      return safely((await import('./render/plain.ts')).plain({ write }), secrets);
    case 'json':
      return safely((await import('./render/json.ts')).json(write), secrets);
    case 'github':
      return safely((await import('./render/github.ts')).github({ write }), secrets);
  }
}
