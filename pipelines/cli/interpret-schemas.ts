import { config } from 'zod';

/**
 * Has schemas interpreted, not compiled: a command asks most of its schemas a few times, and compiling one takes longer than
 * that. To be called before the first schema is made.
 */
export const interpretSchemas = (): void => void config({ jitless: true });
