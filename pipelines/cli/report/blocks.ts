import { markup, type Markup, type Part } from './markup.ts';

/** One column of a table. Numbers stand right, and sort as numbers. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Part;
  /** What a numeric column sorts by; the column is one of numbers when it is given. */
  readonly value?: (row: Row) => number;
}

/** A table that may be wider than the page: it scrolls by itself, also by keyboard. The first column names the rows. */
export interface TableFacts<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly idOf?: (row: Row) => string;
  /** What a script may look for, besides showing it. */
  readonly isTool?: boolean;
  readonly classOf?: (row: Row) => string;
  readonly foot?: Markup;
}

/** Writes a table. */
export function table<Row>({ caption, columns, rows, idOf, isTool, classOf, foot }: TableFacts<Row>): Markup {
  const classFor = ({ value }: Column<Row>): Markup | false => value !== undefined && markup` class="number"`;
  const sorts = ({ value }: Column<Row>, row: Row): Markup | false =>
    isTool === true && value !== undefined && markup` data-value="${value(row)}"`;
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
    <table${isTool === true && markup` data-tool="steps"`}>
      <caption>${caption}</caption>
      <thead><tr>${columns.map((column) => markup`<th scope="col"${classFor(column)}>${column.name}</th>`)}</tr></thead>
      <tbody>${rows.map(
        (row) =>
          markup`<tr${idOf && markup` id="${idOf(row)}"`}${classOf && markup` class="${classOf(row)}"`}>${columns.map(
            (column, at) =>
              at === 0
                ? markup`<th scope="row"${sorts(column, row)}>${column.cell(row)}</th>`
                : markup`<td${classFor(column)}${sorts(column, row)}>${column.cell(row)}</td>`,
          )}</tr>
        `,
      )}</tbody>
      ${foot}
    </table>
  </div>`;
}

/** A part of the page, with a heading that can be linked to. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** Writes a section. */
export const section = ({ id, title, body }: Section): Markup => markup`
  <section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>
`;

/** A text cut to so many characters. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`;

/** Nothing to speak of, for eyes and ears. */
export const none = markup`<span class="none" aria-hidden="true">–</span>`;
