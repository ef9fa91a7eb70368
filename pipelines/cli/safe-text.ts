import { stripVTControlCharacters } from 'node:util';

import type { Emit, Event } from '#engine';
import { redactSecrets, redactUrl } from '../../tasks/tools/redact.ts';

/** Whether anything below could apply: most texts are plain, and a run has thousands. */
const suspicious =
  /[\p{Cc}\u202a-\u202e\u2066-\u2069]|:\/\/|hf_|gh[a-z]_|github_|bearer |(TOKEN|KEY|SECRET|PASSWORD)=/iu;
const tokens = /\b(?:hf_|gh[a-z]_|github_pat_)\w{16,}/g;
const bearers = /\b(bearer )[\w.~+/=-]{8,}/gi;
const assignments = /\b(\w*(?:TOKEN|KEY|SECRET|PASSWORD)=)[^\s&'"]+/g;
/** Characters that steer a terminal or turn text around; line ends and tabs are not among them. */
const steering = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes text fit to be shown: known secret values, tokens, user names and queries of URLs are hidden, and what would
 * steer a terminal is gone. Of a line that was painted over (`10%\r20%`) the last state is left.
 */
export function safeText(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.filter(Boolean).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return (text) => {
    const told = spellings.some((spelling) => text.includes(spelling)) ? redactSecrets(text, secrets) : text;
    if (!suspicious.test(told)) return told;
    return redactUrl(shown(told))
      .replaceAll(tokens, '***')
      .replaceAll(bearers, '$1***')
      .replaceAll(assignments, '$1***');
  };
}

/** The same event, its every text safe to show. */
export function safeEvent(secrets: readonly string[]): (event: Event) => Event {
  const safe = safeText(secrets);
  return (event) => (event.type === 'step.progress' ? event : (mapTexts(event, safe) as Event));
}

/** The same renderer, given only events whose every text is safe. */
export function safely(emit: Emit, secrets: readonly string[]): Emit {
  const safe = safeEvent(secrets);
  return (event) => emit(safe(event));
}

const shown = (text: string): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.split('\r').findLast((state) => state !== '') ?? '')
    .join('\n')
    .replaceAll('\t', '  ')
    .replaceAll(steering, '');

/** The same value where no text changes: most events are handed on as they are. */
function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const mapped = entries.map(([, part]) => mapTexts(part, map));
  if (entries.every(([, part], index) => part === mapped[index])) return value;
  return Array.isArray(value) ? mapped : Object.fromEntries(entries.map(([name], index) => [name, mapped[index]]));
}
