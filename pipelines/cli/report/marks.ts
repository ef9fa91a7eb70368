import { markup, type Markup } from './markup.ts';
import type { Way } from './run-model.ts';

/** The ways a step can end, in the order in which they are told. */
export const ways: readonly Way[] = ['built', 'cached', 'failed', 'skipped'];

/** What each means, in a few words. */
export const meaning: Readonly<Record<Way, string>> = {
  built: 'it ran',
  cached: 'its answer was on record',
  failed: 'it ran, and failed',
  skipped: 'it was not run',
};

/** The shapes that tell outcomes apart without their colours, to be drawn anywhere in the page. */
export const shapes = (): Markup => markup`
  <svg class="shapes" width="0" height="0" aria-hidden="true" focusable="false">
    <symbol id="mark-built" viewBox="0 0 12 12"><rect class="full" x="1" y="1" width="10" height="10" rx="2" /></symbol>
    <symbol id="mark-cached" viewBox="0 0 12 12">
      <rect class="hollow" x="1.75" y="1.75" width="8.5" height="8.5" rx="1.5" />
    </symbol>
    <symbol id="mark-failed" viewBox="0 0 12 12">
      <rect class="full" x="0.5" y="0.5" width="11" height="11" rx="5.5" />
      <path class="sign" d="M4 4l4 4M8 4l-4 4" />
    </symbol>
    <symbol id="mark-skipped" viewBox="0 0 12 12">
      <rect class="dashed" x="1.75" y="1.75" width="8.5" height="8.5" rx="1.5" />
      <path class="sign-out" d="M4 6h4" />
    </symbol>
    <pattern id="lines" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path class="line" d="M0 0v5" />
    </pattern>
  </svg>
`;

/** The shape of an outcome in a drawing, at a place, `size` wide. */
export const markAt = (way: Way, { x, y, size }: { readonly x: number; readonly y: number; readonly size: number }) =>
  markup`<use href="#mark-${way}" class="${way}" x="${x}" y="${y}" width="${size}" height="${size}" />`;

/** The shape of an outcome in a text, for eyes alone: the word stands beside it. */
export const mark = (way: Way): Markup =>
  markup`<svg class="mark ${way}" width="12" height="12" aria-hidden="true"><use href="#mark-${way}" /></svg>`;

/** An outcome as a word with its shape. */
export const outcome = (way: Way): Markup => markup`<span class="outcome ${way}">${mark(way)}${way}</span>`;
