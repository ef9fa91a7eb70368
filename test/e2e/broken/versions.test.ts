import { expect, test } from 'vitest';

import { elements } from './elements.ts';
import { generation1 } from './generation-1.ts';
import { lists } from './lists.ts';
import { lockfiles } from './lockfiles.ts';
import { refuseAll } from './refuse.ts';
import { settings } from './settings.ts';
import { versions } from './versions.ts';

refuseAll(versions);
refuseAll(settings);

test('there are more than 60 things that can be wrong, and each is said in its own words', () => {
  const said = [versions, settings, elements, generation1, lockfiles, lists].flat().map(({ says }) => says);
  // Where it stands is part of what is said, but not of its words.
  const words = new Set(said.map((text) => text.replace(/^\S+: /, '')));
  expect(words.size).toBeGreaterThan(120);
});
