import { setFlagsFromString } from 'node:v8';

/**
 * Has the runtime collect early instead of growing: a step makes millions of small things that die at once, and memory that
 * the runtime once took it hardly gives back. A wheel of 13,000 files takes 220 MB to unpack instead of 370, in the same time.
 */
export function staySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
