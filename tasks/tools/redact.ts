const url = /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#'"<>]*@)?([^\s?#'"<>]*)(?:[?#][^\s'"<>]*)?/gi;

/** A text whose URLs keep scheme, host and path: user names, passwords, queries and fragments are dropped. */
export const redactUrl = (text: string): string => text.replace(url, '$1$2');

/** Shorter values are no secrets, and blotting them out would make every line unreadable. */
const shortest = 4;

/** A text in which each of `secrets` (as it is, or percent-encoded) is replaced by `***`. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // The longest first: a secret may begin with another one.
    .toSorted((a, b) => b.length - a.length);
  return spellings.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
}
