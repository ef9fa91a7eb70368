import { expect, test } from 'vitest';

import { parseIndexPage } from '../../tasks/tools/closure/index-page.ts';

const sha = 'ab'.repeat(32);
const html = (text: string, url = 'https://host/simple/demo/') =>
  parseIndexPage({ text, type: 'text/html; charset=utf-8', url });

const urls = (text: string, url?: string) => html(text, url).map((file) => file.url);
const beside = (attribute: string) => html(`<a href="d.whl" ${attribute}>d.whl</a>`)[0]!.metadata;

test('both formats of a page say the same', () => {
  const json = JSON.stringify({
    meta: { 'api-version': '1.3', _extra: 1 },
    name: 'demo',
    versions: ['1.0'],
    files: [
      {
        filename: 'demo-1.0-py3-none-any.whl',
        url: '../../files/demo-1.0-py3-none-any.whl',
        hashes: { sha256: sha },
        'requires-python': '>=3.8',
        yanked: 'no good',
        'core-metadata': { sha256: sha },
      },
      {
        filename: 'demo-1.0.tar.gz',
        url: 'https://other/demo-1.0.tar.gz',
        hashes: {},
        yanked: false,
        'requires-python': null,
      },
    ],
  });
  const page = `<!DOCTYPE html><html><body><h1>Links</h1>
    <a href="../../files/demo-1.0-py3-none-any.whl#sha256=${sha}" data-requires-python="&gt;=3.8" data-yanked="no good" data-core-metadata="sha256=${sha}">demo-1.0-py3-none-any.whl</a><br/>
    <A HREF='https://other/demo-1.0.tar.gz' rel=internal>demo-1.0.tar.gz</A>
    <a name="nowhere">nothing</a></body></html>`;
  const expected = [
    {
      filename: 'demo-1.0-py3-none-any.whl',
      url: 'https://host/files/demo-1.0-py3-none-any.whl',
      sha256: sha,
      requiresPython: '>=3.8',
      yanked: true,
      metadata: { sha256: sha },
    },
    { filename: 'demo-1.0.tar.gz', url: 'https://other/demo-1.0.tar.gz', yanked: false },
  ];
  expect(html(page)).toEqual(expected);
  expect(
    parseIndexPage({ text: json, type: 'application/vnd.pypi.simple.v1+json', url: 'https://host/simple/demo/' }),
  ).toEqual(expected);
});

test('links are relative to the page, or to what the page says', () => {
  const link = '<a href="x/demo-1.0-py3-none-any.whl">demo-1.0-py3-none-any.whl</a>';
  expect(urls(link)).toEqual(['https://host/simple/demo/x/demo-1.0-py3-none-any.whl']);
  expect(urls(`<base href="https://cdn/a/">${link}`)).toEqual(['https://cdn/a/x/demo-1.0-py3-none-any.whl']);
  expect(urls(link, 'file:///srv/simple/demo/index.html')).toEqual([
    'file:///srv/simple/demo/x/demo-1.0-py3-none-any.whl',
  ]);
  expect(urls(link.replace('x/', '../../wheels/'), 'demo://simple/demo/')).toEqual([
    'demo://wheels/demo-1.0-py3-none-any.whl',
  ]);
});

test('promises of METADATA are read in every spelling', () => {
  expect(beside('data-core-metadata="true"')).toEqual({});
  expect(beside('data-dist-info-metadata')).toEqual({});
  expect(beside(`data-dist-info-metadata="sha256=${sha}"`)).toEqual({ sha256: sha });
  expect(beside('data-core-metadata="false"')).toBeUndefined();
  expect(beside('')).toBeUndefined();
});
