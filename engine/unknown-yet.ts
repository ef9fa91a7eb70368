/**
 * Stands for what a step will yield where a title or a name is made before anything ran: whatever is read from it or
 * called on it, it prints as `…`.
 */
export const unknownYet: unknown = new Proxy(() => {}, {
  get: (_, name) => (name === Symbol.toPrimitive || name === 'toString' ? () => '…' : unknownYet),
  apply: () => unknownYet,
});
