import type { Status } from './command-status.ts';
import { formatBytes } from './render/format-bytes.ts';
import { formatCount } from './render/format-count.ts';
import { formatTime } from './render/format-time.ts';
import { showChanges } from './show-changes.ts';
import { showDeviations } from './show-deviations.ts';

/** How a realized version stands, for people. */
export function showStatus(status: Status): readonly string[] {
  const { id, target, realized_at: at, last_run_at: ended, drift, nodes, strangers, unfinished, sizes } = status;
  const ran = ended === undefined ? '' : `, last run ${formatTime(ended)}`;
  const others = sizes.others === 0 ? '' : `, ${formatBytes(sizes.others)} not of pipeline`;
  const wrong = drift.length === 0 ? 'as it was realized' : `${formatCount(drift.length, 'path')} not as realized`;
  return [
    `${id}  ${target}`,
    `  realized  ${formatTime(at)}${ran}`,
    `  size      ${formatBytes(sizes.shared)} shared, ${formatBytes(sizes.own)} own${others}`,
    ...lockLines(status),
    `  target    ${unfinished ? 'a change of it was cut short, or goes on' : wrong}`,
    ...showDeviations(drift).map((line) => `    ${line}`),
    ...nodes.map((line) => `  node      ${line}`),
    ...(nodes.length > 0 ? [`  hint: \`pipeline node save --target ${target}\` writes that into ${id}`] : []),
    ...strangers.map(({ name, path }) => `  besides   ${name}  ${path}`),
    ...(unfinished || drift.length > 0 ? [`  hint: \`pipeline repair ${id} --target ${target}\` puts it right`] : []),
  ];
}

function lockLines({ id, target, lockfile, is_stale: stale }: Status): readonly string[] {
  const old = stale ? [`  version   changed since its lockfile was written: \`pipeline validate ${id}\``] : [];
  switch (lockfile.is) {
    case 'unknown':
      return ['  lockfile  its own: this project has none that can be read', ...old];
    case 'same':
      return ["  lockfile  the project's", ...old];
    case 'different':
      return [
        "  lockfile  not the project's, which differs from it:",
        ...showChanges(lockfile.changes).map((line) => `    ${line}`),
        `  hint: \`pipeline realize ${id} --target ${target}\` makes the target that`,
        ...old,
      ];
  }
}
