import type { Finding } from '../doctor/finding.ts';
import { formatCount } from './render/format-count.ts';
import { type Mark, paint } from './render/paint.ts';

const marks: Readonly<Record<Finding['is'], Mark>> = { ok: 'built', warning: 'warning', problem: 'failed' };

/** Findings in lines: what was found, what to do, and at the end whether anything prevents a realize. */
export function showFindings(findings: readonly Finding[]): readonly string[] {
  const { sign } = paint(false);
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.flatMap(({ about, is, says, remedy }) => [
    `${sign(marks[is])} ${about.padEnd(width)}  ${says}`,
    ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}  hint: ${remedy}`]),
  ]);
  const count = (of: Finding['is']): number => findings.filter(({ is }) => is === of).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const verdict =
    problems === 0
      ? 'Nothing prevents a realize here'
      : `${formatCount(problems, 'problem')} must be solved before anything can be realized here`;
  return [...lines, '', warnings === 0 ? verdict : `${verdict}; ${formatCount(warnings, 'warning')}`];
}
