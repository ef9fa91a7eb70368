import { check, type Findings, type Place } from './findings.ts';
import { present } from './present.ts';
import { IndexUrl, type VersionPython } from './python.ts';

/**
 * What words for pip mean to us: indexes are those of the version. The other words stay as they are, on one line, for
 * whoever reads requirements: what makes no sense is left out there, and what is dangerous refused.
 */
export function readPipArguments(text: string | undefined, place: Place, findings: Findings): Partial<VersionPython> {
  const words = text?.split(/\s+/).filter((word) => word !== '') ?? [];
  const others: string[] = [];
  const extra: string[] = [];
  let index: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const [option = '', inline] = words[at]!.split(/=(.*)/s);
    const isIndex = option === '--index-url' || option === '-i';
    if (!isIndex && option !== '--extra-index-url') {
      others.push(words[at]!);
      continue;
    }
    const url = check(IndexUrl, inline ?? words[(at += 1)], place, findings);
    if (isIndex) index = url;
    else if (url !== undefined) extra.push(url);
  }
  return present({
    index_url: index,
    extra_index_urls: extra.length > 0 ? extra : undefined,
    pip_extra_args: others.length > 0 ? others.join(' ') : undefined,
  });
}
