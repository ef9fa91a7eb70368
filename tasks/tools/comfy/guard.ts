/**
 * Ties a process to the life of its parent where the system can (Linux: it is killed when the parent dies, however that
 * happens), then becomes the program that follows. The arguments: the parent, the program, its arguments.
 */
const code = `
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
except Exception:
    pass
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
`;

/** The arguments with which `python` (absolute) runs `program`, and does not outlive the process `parent`. */
export const guarded = (
  python: string,
  program: readonly string[],
  { parent, platform }: { readonly parent: number; readonly platform: NodeJS.Platform },
): readonly string[] => (platform === 'linux' ? ['-I', '-S', '-c', code, String(parent), python, ...program] : program);
