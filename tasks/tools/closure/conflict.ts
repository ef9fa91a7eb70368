import { Failed } from '#engine';

import { minorOf } from '../python/wheel-name.ts';
import type { Offer } from './offer.ts';
import { admits } from './specifier.ts';
import type { Target } from './target.ts';
import { mentionedIn, type Want, wantsOf, type Wishes } from './wants.ts';

/** Everything that is known when no solution was found. */
export interface Evidence extends Wishes {
  readonly offers: (name: string) => Promise<readonly Offer[]>;
  /** Versions that cannot be used, by `name version`, and why. */
  readonly broken: ReadonlyMap<string, Failed>;
  /** Packages that come from no index. */
  readonly held: ReadonlyMap<string, unknown>;
  readonly target: Target;
  /** Why there is none, as the solver sees it. */
  readonly said: readonly string[];
}

/** Why there is no solution, as a failure that names who wants what, and what would settle it. */
export async function explain(evidence: Evidence): Promise<Failed> {
  const { said, offers: offersOf, broken, held, target, ...wishes } = evidence;
  for (const name of mentionedIn(said, wishes)) {
    const wants = wantsOf(name, wishes);
    const elsewhere = wants.find(({ url, through }) => url !== undefined && through !== undefined);
    if (elsewhere !== undefined && !held.has(name)) return fromElsewhere(name, elsewhere);
    const all = await offersOf(name);
    const offers = all.filter(({ version }) => !broken.has(`${name} ${version}`));
    const fits = ({ version }: Offer): boolean => wants.every(({ specifier }) => admits(specifier, version));
    if (offers.some(fits)) continue;
    const wrong = broken.get(`${name} ${all.find(fits)?.version}`);
    if (wrong !== undefined) return wrong;
    if (offers.length === 0 && wants.length > 0) return nothingThere(name, wants, target);
    const alone = wants.find(({ specifier }) => !offers.some(({ version }) => admits(specifier, version)));
    return alone === undefined ? conflict(name, wants, offers) : nothingFits(name, alone, { offers, target });
  }
  return unexplained(said);
}

function conflict(name: string, wants: readonly Want[], offers: readonly Offer[]): Failed {
  const settling = settle(wants, offers);
  const hint =
    settling &&
    `${JSON.stringify(`${name}==${settling.version}`)} in python.overrides settles it: ${consequence(settling)}`;
  return new Failed({
    kind: 'conflict',
    what: name,
    wants: wants.map(({ who, what, through }) => ({ who, what, ...(through === undefined ? {} : { through }) })),
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Settling {
  readonly version: string;
  readonly losers: readonly Want[];
}

/** The version that most can live with: core first, then the most of the others, then the newest. */
function settle(wants: readonly Want[], offers: readonly Offer[]): Settling | undefined {
  const weigh = (version: string): number =>
    wants.reduce((sum, want) => sum + (admits(want.specifier, version) ? weightOf(want) : 0), 0);
  const best = offers.reduce<Offer | undefined>(
    (found, offer) => (found === undefined || weigh(offer.version) > weigh(found.version) ? offer : found),
    undefined,
  );
  if (best === undefined) return undefined;
  const losers = wants.filter(({ specifier }) => !admits(specifier, best.version));
  // What is built locally is found by the version alone.
  return { version: best.version.replace(/\+.*$/, ''), losers };
}

const weightOf = ({ who, through = who }: Want): number => (through.startsWith('core/') ? 1_000 : 1);

const consequence = ({ losers }: Settling): string =>
  `${new Intl.ListFormat('en').format(losers.map(({ who }) => who))} ${losers.length === 1 ? 'has' : 'have'} to live with it`;

const machineOf = ({ python, platform }: Target): string => `Python ${minorOf(python)} on ${platform}`;

const askers = (wants: readonly Want[]): string =>
  wants
    .map(({ who, what, through }) => `${who}${through === undefined ? '' : ` (for ${through})`} wants ${what}`)
    .join(', ');

const fromElsewhere = (name: string, { who, url, through }: Want): Failed =>
  new Failed({
    kind: 'refused',
    what: `${name} @ ${url}`,
    because: `${who}${through === undefined ? '' : ` (for ${through})`} wants it from there, and nobody else does`,
    hint: `if you do, add ${JSON.stringify(`${name} @ ${url}`)} to python.overrides`,
  });

const nothingThere = (name: string, wants: readonly Want[], target: Target): Failed =>
  new Failed({
    kind: 'absent',
    what: `${name} for ${machineOf(target)}`,
    hint: `${askers(wants)}: check the name, python.version, and python.index_url`,
  });

function nothingFits(
  name: string,
  want: Want,
  { offers, target }: { readonly offers: readonly Offer[]; readonly target: Target },
): Failed {
  const shown = offers.slice(0, 8).map(({ version }) => version);
  const more = offers.length > shown.length ? ` and ${offers.length - shown.length} older` : '';
  return new Failed({
    kind: 'absent',
    what: `${want.what} for ${machineOf(target)}`,
    hint: `${askers([want])}; there is ${name} ${shown.join(', ')}${more}; another one can be named in python.overrides`,
  });
}

const unexplained = (said: readonly string[]): Failed =>
  new Failed({
    kind: 'command',
    command: 'The solver',
    exitCode: 1,
    output: said.slice(-20),
    hint: 'loosen one of the requirements it names, or settle it with python.overrides',
  });
