import type { Summary, Title } from '#engine';
import { formatBytes } from './format-bytes.ts';
import { formatDuration } from './format-duration.ts';

/**
 * The line a run ends with: `realized demo in 3.2 s: 14 built, 0 cached, 5.1 MB fetched, saved 12 s`. One that did not
 * go well tells only what there is to tell.
 */
export function formatSummary(name: Title, summary: Summary): string {
  const { ok, built, cached, failed, skipped, bytes_fetched, ms_saved } = summary;
  const parts = [
    (ok || built > 0) && `${built} built`,
    (ok || cached > 0) && `${cached} cached`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    (ok || bytes_fetched > 0) && `${formatBytes(bytes_fetched)} fetched`,
    ok && ms_saved > 0 && `saved ${formatDuration(ms_saved)}`,
  ].filter(Boolean);
  return `${headOf(name, summary)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

/** What is called by what it makes. */
const nouns: ReadonlySet<string> = new Set(['node', 'image']);

function headOf({ pipeline, subject }: Title, { ok, ms, exit_code }: Summary): string {
  const time = formatDuration(ms);
  // A verb that ends in `e` has a regular past; any other name is left as it is.
  const isVerb = pipeline.endsWith('e') && !nouns.has(pipeline);
  if (ok) return isVerb ? `${pipeline}d ${subject} in ${time}` : `${pipeline} ${subject} done in ${time}`;
  return exit_code >= 128
    ? `${pipeline} ${subject} stopped after ${time}`
    : `${pipeline} ${subject} failed after ${time}`;
}
