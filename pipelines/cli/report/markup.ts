/** A piece of a page: text that is markup already. Nothing but `markup` makes one. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Nothing is written for what is not there. */
export type Part = Markup | string | number | false | undefined | readonly Part[];

/** Markup with values in it. Every text is escaped, wherever it stands: attributes are always quoted. */
export const markup = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(texts.map((text, at) => text + textOf(parts[at])).join(''));

/** Markup that is a text of ours: styles and scripts. */
export const ours = (text: string): Markup => new Markup(text);

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return String(part).replaceAll(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`);
}
