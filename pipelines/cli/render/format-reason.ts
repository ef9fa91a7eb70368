import type { Reason } from '#engine';

/** Why a step ran, where that is worth a word: `commit changed`, `commit and 2 more changed`, `was gone`. */
export function formatReason(reason: Reason): string {
  if (reason.why === 'gone') return 'was gone';
  if (reason.why !== 'changed') return '';
  const [first, ...others] = reason.fields;
  return first === undefined ? '' : `${first.path}${others.length > 0 ? ` and ${others.length} more` : ''} changed`;
}
