/** The files of a slot, below the directory of receipts. */
export const filesOf = (slot: string): Readonly<Record<'head' | 'listing' | 'answer' | 'glance', string>> => {
  const name = encoded(slot);
  return { head: `${name}.json`, listing: `${name}.files`, answer: `${name}.answer`, glance: `${name}.glance` };
};

/** A slot's name as a file's: what is not plain is written as `%XX`. */
export const encoded = (slot: string): string =>
  [...Buffer.from(slot)]
    .map((byte) => String.fromCharCode(byte))
    .map((character) => (/[\w@-]/.test(character) ? character : `%${hex(character)}`))
    .join('');

const hex = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
