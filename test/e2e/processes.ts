import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether processes can be looked at here. */
export const canLook = readNames('/proc').includes('self');

/** What runs for a directory: the command lines of all processes that have it in their arguments, their environment or as where they are. */
export const processesOf = (directory: string): readonly string[] =>
  readNames('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const argv = read(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
      const texts = [
        argv,
        read(() => readFileSync(`/proc/${pid}/environ`, 'latin1')),
        read(() => readlinkSync(`/proc/${pid}/cwd`)),
      ];
      return texts.some((text) => text.includes(directory)) ? [argv.replaceAll('\0', ' ').trim()] : [];
    });

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A process may end while it is looked at. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
