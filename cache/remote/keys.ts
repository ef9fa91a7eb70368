import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Whose records they are: a public key of Ed25519 (64 hex characters), or `anybody` where no keys are used. */
export type Author = string;

/** Signs texts. `by` is who can be named for it. */
export interface Signer {
  readonly by: Author;
  readonly sign: (text: string) => string;
}

/** A private key of Ed25519 in PEM, as `openssl genpkey -algorithm ed25519` writes it. Throws a TypeError on anything else. */
export function signerOf(pem: string): Signer {
  const key = parsed(() => createPrivateKey(pem), 'The signing key is no private key of Ed25519 in PEM');
  const by = hexOf(createPublicKey(key));
  return { by, sign: (text) => sign(null, Buffer.from(text), key).toString('base64') };
}

/** The public keys that a text lists: 64 hex characters each or in PEM, with `#` before remarks. Throws a TypeError on anything else. */
export function publicKeysIn(text: string): readonly Author[] {
  const keys: Author[] = [];
  const plain = text.replaceAll(/-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g, (pem) => {
    keys.push(hexOf(parsed(() => createPublicKey(pem), noTrusted)));
    return '';
  });
  for (const word of plain.replaceAll(/#.*$/gm, '').split(/[\s,]+/)) {
    if (word === '') continue;
    if (!/^[0-9a-f]{64}$/.test(word)) throw new TypeError(noTrusted);
    keys.push(word);
  }
  return [...new Set(keys)];
}

/** Who signs, and whose records are believed, those of others first. Where no key is given that is anybody's. */
export function keysOf({ signingKey, trustedKeys }: { readonly signingKey?: string; readonly trustedKeys?: string }): {
  readonly signer?: Signer;
  readonly authors: readonly Author[];
} {
  const trusted = publicKeysIn(trustedKeys ?? '');
  if (signingKey === undefined) return { authors: trustedKeys === undefined ? ['anybody'] : trusted };
  const signer = signerOf(signingKey);
  return { signer, authors: [...new Set([...trusted, signer.by])] };
}

/** Whether the holder of a key signed this text. */
export function isSigned(text: string, signature: string, by: Author): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(prefix + by, 'hex'), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** What DER puts before the 32 bytes of a public key of Ed25519 (RFC 8410). */
const prefix = '302a300506032b6570032100';

const hexOf = (key: KeyObject): Author =>
  key
    .export({ format: 'der', type: 'spki' })
    .subarray(prefix.length / 2)
    .toString('hex');

const noTrusted = 'A trusted key is no public key of Ed25519: 64 lower-case hex characters, or PEM';

function parsed(parse: () => KeyObject, otherwise: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = parse();
  } catch {
    // The message of OpenSSL may quote what it read.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new TypeError(otherwise);
}
