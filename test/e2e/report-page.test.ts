import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Chronicle } from '../../pipelines/cli/chronicle.ts';
import { page as pageOf } from '../../pipelines/cli/report/page.ts';
import { broken, hostile, large } from '../report/chronicles.ts';
import { factsOf } from '../report/facts.ts';
import { hasChromium, openBrowser, openFile } from './browser.ts';
import { faintTexts, focused, numberUsable, rightEdges, structureFaults, unfold } from './in-page.ts';

const directory = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(directory, { recursive: true }));

const write = (name: string, chronicle: Chronicle): string => {
  const file = join(directory, `${name}.html`);
  writeFileSync(file, pageOf(factsOf(chronicle)));
  return file;
};
const files = { large: write('large', large()), broken: write('broken', broken()) };
const both = Object.entries(files);

describe.skipIf(!hasChromium)('the page of a run in a real Chromium (skipped: no /usr/bin/chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each(both)('%s: nothing complains, and no request leaves the page', async (_, file) => {
    await using opened = await openFile(browser, file);
    const { page, complaints, requests } = opened;
    await page.getByRole('searchbox').fill('wheel');
    await page.getByRole('button', { name: 'Larger' }).click();
    await page
      .getByRole('button', { name: 'Took' })
      .or(page.getByRole('button', { name: 'At work' }))
      .first()
      .click();
    expect(complaints).toEqual([]);
    expect(requests.map((url) => new URL(url).protocol)).toEqual(['file:']);
  });

  it('texts of others stay texts, with scripts and without', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await using opened = await openFile(browser, files.broken, { javaScriptEnabled });
      const { page, complaints } = opened;
      expect(await page.title()).toBe('wan22-fast: realize failed');
      expect(
        await page.locator('img, iframe, object, embed, form, base, [onerror], [onload], [onclick], [style]').count(),
      ).toBe(0);
      expect(await page.locator('script').count()).toBe(1);
      expect(await page.locator('body').textContent()).toContain(hostile);
      expect(complaints).toEqual([]);
    }
  });

  it.each(both)('%s: without scripts everything is there that is there with them', async (_, file) => {
    const read = async (javaScriptEnabled: boolean): Promise<readonly string[]> => {
      await using opened = await openFile(browser, file, { javaScriptEnabled });
      const all = await opened.page
        .locator('h1, h2, h3, p, pre, dd, dt, caption, td, th, main li, svg text')
        .allTextContents();
      return all.map((text) => text.replaceAll(/\s+/g, ' ').trim());
    };
    const [without, withThem] = [await read(false), await read(true)];
    expect(without).toEqual(withThem);
    await using opened = await openFile(browser, file, { javaScriptEnabled: false });
    // What only a script can do is not offered.
    expect(await opened.page.locator('button:visible, input:visible').count()).toBe(0);
  });

  it('a large run is all there: every step in the table, in the graph, and in the timeline', async () => {
    await using opened = await openFile(browser, files.large);
    const { page } = opened;
    const { run } = factsOf(large());
    expect(run.steps.length).toBeGreaterThan(200);
    expect(await page.locator('#steps tbody tr').count()).toBe(run.steps.length);
    expect(await page.locator('.graph use').count()).toBe(run.steps.length);
    const worked = run.steps.filter(({ work }) => work !== undefined).length;
    expect(await page.locator('.timeline .bar').count()).toBe(worked);
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(headings).toEqual(
      'Warnings and notes,Timeline,Graph,Hits and misses,Where the time went,Bytes fetched,Python packages,Sizes on disk,All steps,Runs'.split(
        ',',
      ),
    );
  });

  it('a failed run begins with what failed: message, what to do, and what was printed last', async () => {
    await using opened = await openFile(browser, files.broken);
    const { page } = opened;
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('Failures');
    const failures = page.locator('#failures');
    expect(await failures.locator('article').count()).toBe(4);
    const told = await failures.innerText();
    for (const text of [
      'exited with 1',
      'error: no compiler',
      'What to do:',
      'name it in python.overrides',
      'looking',
      'tried 3 times',
    ])
      expect(told).toContain(text);
    expect(await failures.getByRole('table').locator('tbody tr').count()).toBe(2);
  });

  it.each(both.flatMap(([name, file]) => (['light', 'dark'] as const).map((scheme) => [name, scheme, file] as const)))(
    '%s, %s: every text has the contrast that WCAG AA asks for',
    async (_, colorScheme, file) => {
      await using opened = await openFile(browser, file, { colorScheme });
      const { page } = opened;
      await page.evaluate(unfold);
      const paper = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(paper).toBe(colorScheme === 'light' ? 'rgb(250, 250, 248)' : 'rgb(20, 23, 26)');
      const { seen, faint } = await page.evaluate<{ readonly seen: number; readonly faint: readonly string[] }>(
        faintTexts,
      );
      expect(seen).toBeGreaterThan(100);
      expect(faint).toEqual([]);
    },
  );

  it.each(both.flatMap(([name, file]) => [360, 768, 1280].map((width) => [name, width, file] as const)))(
    '%s at %i px: the page does not scroll sideways, and nothing stands beyond its edge',
    async (_, width, file) => {
      await using opened = await openFile(browser, file, { viewport: { width, height: 800 } });
      const wide = await opened.page.evaluate<number[]>(rightEdges);
      expect(Math.max(...wide)).toBeLessThanOrEqual(width);
    },
  );

  it.each(both)(
    '%s: the keyboard reaches everything that can be used, in order, and shows where it is',
    async (_, file) => {
      await using opened = await openFile(browser, file);
      const { page } = opened;
      const usable = await page.evaluate<number>(numberUsable);
      expect(usable).toBeGreaterThan(30);
      const reached: string[] = [];
      const unseen: string[] = [];
      for (let n = 0; n < usable; n++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate<{ readonly n: string; readonly seen: boolean; readonly what: string }>(focused);
        reached.push(at.n);
        if (!at.seen) unseen.push(at.what);
      }
      expect(reached).toEqual(Array.from({ length: usable }, (_unused, n) => String(n)));
      expect(unseen).toEqual([]);
    },
  );

  it('the skip link leads past the navigation, a box of the graph to its row', async () => {
    await using opened = await openFile(browser, files.large);
    const { page } = opened;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.locator('.graph a').nth(3).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(`location.hash.startsWith('#task-')`);
    expect(await page.locator('tr:target').count()).toBe(1);
  });

  it('the graph grows and shrinks by keyboard', async () => {
    await using opened = await openFile(browser, files.large);
    const { page } = opened;
    const width = async (): Promise<number> => (await page.locator('svg.graph').boundingBox())!.width;
    await page.getByRole('region', { name: 'Graph of the run, scrolls' }).focus();
    const before = await width();
    await page.keyboard.press('+');
    expect(await width()).toBeGreaterThan(before * 1.2);
    await page.keyboard.press('0');
    await page.keyboard.press('-');
    expect(await width()).toBeLessThan(before);
  });

  it('steps can be found, chosen by outcome, and put in an order', async () => {
    await using opened = await openFile(browser, files.large);
    const { page } = opened;
    const shown = page.locator('#steps tbody tr:visible');
    await page.getByRole('searchbox').fill('unpack-wheel package_7');
    const found = await shown.count();
    expect(found).toBe(3);
    expect(await page.getByRole('status').textContent()).toMatch(/^3 of \d+ steps$/);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('checkbox', { name: 'built' }).uncheck();
    expect(await shown.count()).toBe(factsOf(large()).run.summary.cached);
    await page.getByRole('checkbox', { name: 'built' }).check();
    const head = page.locator('#steps').getByRole('columnheader', { name: 'At work' });
    await head.getByRole('button').click();
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('#steps tbody tr').first().textContent()).toContain('build-wheel sageattention');
    // A link to a step that is hidden shows it.
    await page.getByRole('searchbox').fill('nothing has this name');
    expect(await shown.count()).toBe(0);
    await page.locator('#slowest a').first().click();
    await page.locator('tr:target').waitFor();
    expect(await page.locator('tr:target').isVisible()).toBe(true);
  });

  it('tables have captions and scopes, drawings names, parts headings; there is one h1 and one main', async () => {
    await using opened = await openFile(browser, files.broken);
    const { page } = opened;
    const faults = await page.evaluate(structureFaults);
    expect(faults).toEqual([]);
    expect(await page.locator('h1, main').count()).toBe(2);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('who wants no motion gets none; paper gets the page without its tools', async () => {
    await using opened = await openFile(browser, files.large, { reducedMotion: 'reduce' });
    const { page } = opened;
    expect(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior')).toBe('auto');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav:visible, .tools:visible').count()).toBe(0);
    expect((await page.locator('.as-list li').first().boundingBox())!.height).toBeGreaterThan(0);
  });
});
