/**
 * Gives the memory back that holds bytes which nobody needs any more, and whatever else is in it: waiting for the collector, up
 * to 64 MB of it would pile up.
 */
export function giveBack({ buffer, length }: Buffer): void {
  // Node shares one among many small ones; who has half of it, or more, has one of his own.
  const isShared = buffer.byteLength === Buffer.poolSize && length < Buffer.poolSize >>> 1;
  if (buffer instanceof ArrayBuffer && !isShared) buffer.transfer(0);
}

/** The same with the last of the pieces that came in one. */
export function giveBackAfterLast(piece: Buffer): void {
  if (piece.byteOffset + piece.length === piece.buffer.byteLength) giveBack(piece);
}
