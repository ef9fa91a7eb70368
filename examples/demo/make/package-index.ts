import { hash } from 'node:crypto';

/** The pages of a package index (PEP 503) by path, for wheels that lie in `wheels/` beside it. */
export function indexPages(wheels: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> {
  const links = [...wheels].map(([file, bytes]) => {
    const name = file.slice(0, file.indexOf('-')).replaceAll('_', '-');
    return { name, link: anchor(`../../wheels/${file}#sha256=${hash('sha256', bytes)}`, file) };
  });
  const pages = Map.groupBy(links, ({ name }) => name);
  return new Map([
    ['simple/index.html', page([...pages.keys()].map((name) => anchor(`${name}/`, name)))],
    ...[...pages].map(([name, all]) => [`simple/${name}/index.html`, page(all.map(({ link }) => link))] as const),
  ]);
}

const anchor = (href: string, text: string): string => `<a href="${href}">${text}</a><br>\n`;

const page = (anchors: readonly string[]): string =>
  `<!doctype html>\n<meta name="pypi:repository-version" content="1.0">\n${anchors.join('')}`;
