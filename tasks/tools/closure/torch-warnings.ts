import type { Choice } from './choose.ts';
import { admits } from './specifier.ts';
import { placeInTorch } from './torch.ts';
import { comparePublic, parseVersion } from './version.ts';
import { wantsOf } from './wants.ts';

/** Asked for by the version itself: that is a decision, not an accident. */
const decided = /^(?:core\/|python_packages|python\.overrides)/;

/**
 * Sentences about a torch that somebody will miss: a node keeps a newer one away, or what is made for one torch meets
 * another.
 */
export async function torchWarnings({ offers, cards, stock, roots }: Choice): Promise<readonly string[]> {
  const torch = offers.get('torch');
  if (torch === undefined) return [];
  const chosen = [...cards.values()];
  const [newest = torch] = await stock.offers('torch', 'never');
  const isOlder = comparePublic(parseVersion(torch.version)!, parseVersion(newest.version)!) < 0;
  const holders = wantsOf('torch', { roots, cards: chosen, overridden: new Set() })
    .filter(({ specifier }) => !admits(specifier, newest.version) && admits(specifier, torch.version))
    .filter(({ who, through = who }) => !decided.test(through))
    .map(({ who, what, through }) => `${who} wants ${what}${through === undefined ? '' : `, for ${through}`}`);
  const lowered =
    isOlder && holders.length > 0
      ? [`torch ${torch.version} is taken, not ${newest.version}: ${holders.join('; ')}`]
      : [];
  const misfits = chosen
    .filter(({ name }) => placeInTorch(name) !== 'never')
    .flatMap(({ name, version, needs }) =>
      needs
        .filter(
          ({ wish, onlyFor }) =>
            wish.name === 'torch' && onlyFor === undefined && !admits(wish.specifier, torch.version),
        )
        .map(
          ({ wish }) =>
            `${name} ${version} is made for torch${wish.specifier}, and gets ${torch.version} by an override`,
        ),
    );
  return [...lowered, ...misfits];
}
