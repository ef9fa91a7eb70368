/** Scripts that look at a page from within. Texts: where they run there are other globals than here. */

/** The texts that have less contrast against what is behind them than WCAG AA asks for, each with its ratio. */
export const faintTexts = `(() => {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (text) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = text;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  // In a bar or a box, what is behind a text is the shape that it stands on; elsewhere the backgrounds above it.
  const behind = (element) => {
    const shape = element.matches('.bar text, .graph text') && element.parentElement.querySelector('.fill, .box');
    if (shape) return over(read(getComputedStyle(shape).fill), behind(element.closest('svg')));
    const own = read(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own;
    return over(own, element.parentElement ? behind(element.parentElement) : read('Canvas'));
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || !element.checkVisibility() || element.closest('script, style, title, desc')) continue;
    seen++;
    const style = getComputedStyle(element);
    const back = behind(element);
    const front = over(read(element instanceof SVGElement ? style.fill : style.color), back);
    const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(ratio.toFixed(2) + ' ' + element.outerHTML.slice(0, 80));
  }
  return { seen, faint };
})()`;

/** Numbers all that can be used by keyboard, in the order of the document, and answers how many there are. */
export const numberUsable = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')];
  const visible = all.filter((one) => one.checkVisibility({ visibilityProperty: true }));
  visible.forEach((one, n) => one.setAttribute('data-n', n));
  return visible.length;
})()`;

/** What has the focus: its number, and whether that is to be seen. */
export const focused = `(() => {
  const one = document.activeElement;
  const box = one.querySelector('.box');
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const isSeen = (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || (box && getComputedStyle(box).strokeWidth === '3px');
  return { n: one.getAttribute('data-n') ?? one.tagName, seen: Boolean(isSeen), what: one.outerHTML.slice(0, 60) };
})()`;

/** How far to the right the page and its parts reach, in pixels. */
export const rightEdges = `[
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll('main > section, header > *, nav, footer')].map((one) => one.getBoundingClientRect().right),
]`;

/** Elements that a reader of the page cannot name, or that lead nowhere. */
export const structureFaults = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map(({ id }) => id);
  const isGone = (id) => !document.getElementById(id);
  return [
    ...all('table').filter((table) => !table.querySelector('caption')?.textContent),
    ...all('th:not([scope])'),
    ...all('svg:not([aria-hidden="true"]):not([aria-label]):not([aria-labelledby])'),
    ...all('section:not([aria-labelledby]), [role="region"]:not([aria-label])'),
    ...all('a:not([href])'),
    ...all('a[href^="#"]').filter((link) => isGone(link.getAttribute('href').slice(1))),
    ...all('[aria-labelledby]').filter((one) => one.getAttribute('aria-labelledby').split(' ').some(isGone)),
    ...all('[id]').filter(({ id }, at) => ids.indexOf(id) !== at),
  ].map((one) => one.outerHTML.slice(0, 100));
})()`;

/** Opens all that can be unfolded. */
export const unfold = `for (const one of document.querySelectorAll('details')) one.open = true`;
