import { readFileSync } from 'node:fs';

/** Ends every git below this process, and what they started, where `/proc` tells which those are. */
export function endGits(): void {
  for (const pid of below(process.pid))
    try {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('git')) process.kill(pid, 'SIGTERM');
    } catch {
      // It ended by itself.
    }
}

/** The processes that one started, and those that they started. */
function below(pid: number): readonly number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(below)];
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
