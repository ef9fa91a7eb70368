import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { openTemps } from '#cache';
import type { Event } from '#engine';
import { witnessTarget } from '../../tasks/tools/site/quick.ts';
import { presence, stillSo, type Witness, witness, witnessAll } from '../../tasks/tools/witness.ts';
import { packageRoot } from './package-root.ts';
import { safeEvent } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import { concerning, type Occasion, type Repeat, repeatFile } from './repeat.ts';

/** What decides that a command has nothing to do, besides its words and its target. */
export interface Grounds {
  /** Seen before they were read: what changed while the command ran is not what it acted on. */
  readonly documents: readonly Witness[];
  /** The command of the interpreter that was chosen, as PATH names it or as it was given. */
  readonly interpreter?: string;
  /** Paths beyond the target that must be there. */
  readonly others?: readonly string[];
  /** Variables that a document asked for by name. */
  readonly variables?: readonly string[];
  readonly target?: string;
  /** How its installed packages look, where that is known. */
  readonly packages?: readonly Witness[] | undefined;
}

/** Keeps what a run told, as it would tell it with nothing to do, for the next time the same command is given. */
export function keepRepeat(occasion: Occasion, events: readonly Event[], grounds: Grounds): void {
  const { documents, interpreter, others = [], variables = [], target, packages } = grounds;
  if (!documents.every(stillSo)) return;
  const file = repeatFile(occasion);
  const temps = openTemps(join(dirname(file), 'tmp'));
  try {
    const witnesses = [
      // What changes most often comes first: it is compared in this order.
      ...documents,
      ...(target === undefined ? [] : witnessTarget(target, packages)),
      ...ownCode(),
      ...['/runpod-volume', '/workspace'].map(presence),
      ...(interpreter === undefined ? [] : pythons(occasion, interpreter)),
      ...others.map(presence),
    ];
    const again = asCached(events).map(safeEvent(secretsIn(occasion.environment)));
    const repeat: Repeat = {
      format: 2,
      runtime: process.version,
      argv: occasion.argv,
      cwd: occasion.cwd,
      ...(target !== undefined && { target }),
      environment: concerning(
        occasion.environment,
        variables.map((name) => [name, ''] as const),
      ),
      witnesses: witnesses.length,
      events: again.length,
    };
    const lines = [JSON.stringify(repeat), ...witnesses, ...again.map((event) => JSON.stringify(event))];
    temps.write(file, `${lines.join('\n')}\n`);
  } catch {
    // Only a shortcut is lost.
  }
}

/** What is published is one directory, which nobody edits but who replaces it; a checkout is every file of its four rooms. */
function ownCode(): readonly Witness[] {
  const root = packageRoot();
  const published = import.meta.dirname.startsWith(join(root, 'dist'));
  const code = published
    ? [witness(join(root, 'dist'))]
    : ['pipelines', 'tasks', 'engine', 'cache'].flatMap((room) => witnessAll(join(root, room), isCode));
  return [witness(join(root, 'package.json')), ...code];
}

/** Types alone do nothing. */
const isCode = (name: string): boolean => /(?<!\.d)\.[jt]s$/.test(name);

/** The interpreter, and every name on PATH under which another one would have been found first. */
function pythons({ environment }: Occasion, interpreter: string): readonly Witness[] {
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const names = ['python3', 'python', ...new Set(/python3\.\d+/.exec(interpreter) ?? [])];
  const candidates = directories.flatMap((directory) => names.map((name) => join(directory, name)));
  // Beside its shims, pyenv keeps the file that says which version they start.
  const versions = directories.map((directory) => join(directory, '..', 'version'));
  return [interpreter, ...candidates, ...versions.filter((path) => existsSync(path))].map(witness);
}

/** The same events, had there been nothing to do. What was noted once the run began is of what it did. */
function asCached(events: readonly Event[]): readonly Event[] {
  const begun = events.findIndex(({ type }) => type === 'run.started');
  const finished = events.filter((event) => event.type === 'step.finished');
  const spent = finished.reduce((sum, { outcome, ms }) => (outcome === 'built' ? sum + ms : sum), 0);
  return events.flatMap((event, at): readonly Event[] => {
    switch (event.type) {
      case 'run.started':
        return [event];
      case 'note':
        return at < begun && event.level === 'warning' ? [event] : [];
      case 'step.finished': {
        const { bytes_fetched: _, ...rest } = event;
        const spared = event.outcome === 'built' ? event.ms : event.ms_saved;
        return [{ ...rest, outcome: 'cached', ms: 0, ...(spared && { ms_saved: spared }) }];
      }
      case 'run.finished': {
        const cached = event.built + event.cached;
        return [{ ...event, built: 0, cached, bytes_fetched: 0, ms: 0, ms_saved: event.ms_saved + spent }];
      }
      case 'step.started':
      case 'step.progress':
      case 'step.output':
      case 'step.retried':
        return [];
    }
  });
}
