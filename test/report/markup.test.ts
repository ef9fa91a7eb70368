import fc from 'fast-check';
import { expect, test } from 'vitest';

import { markup } from '../../pipelines/cli/report/markup.ts';
import { modelOf } from '../../pipelines/cli/report/run-model.ts';
import { page, pageStart } from '../../pipelines/cli/report/page.ts';
import { broken, hostile } from './chronicles.ts';

test('texts are escaped, markup is not, and what is not there is nothing', () => {
  const inner = markup`<b>${'<i>'}</b>`;
  expect(markup`<p title="${'"'}">${inner}${undefined}${false}${[1, ' & ', inner]}</p>`.text).toBe(
    '<p title="&#34;"><b>&#60;i&#62;</b>1 &#38; <b>&#60;i&#62;</b></p>',
  );
});

test('no text begins a tag, ends an attribute, or is read as a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { text: written } = markup`${text}`;
      expect(written.replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>"'`&]/);
      const read = written.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
      expect(read).toBe(text);
    }),
  );
});

test('a page of a hostile run has no tag, handler, address or style but ours', () => {
  const run = modelOf(broken());
  const text = page({ run, n: 1, runs: [], wheels: { conflicts: [], notes: [] } });
  expect(text.startsWith(pageStart)).toBe(true);
  expect(text).not.toContain(hostile);
  expect(text.match(/<script|<\/script/g)).toEqual(['<script', '</script']);
  const body = text.replace(/<script>.*<\/script>/s, '').replaceAll(/"[^"]*"/g, '""');
  expect(body).not.toMatch(/<img|<[^<>]*\s(?:on\w+|style)=|javascript:/i);
  const addresses = [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, to]) => to!);
  expect(addresses.filter((to) => !to.startsWith('#') && to !== 'data:,')).toEqual([]);
  expect(text).not.toMatch(/@import|url\((?!#)/);
});
