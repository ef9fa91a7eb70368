import * as z from 'zod/mini';

/**
 * Settles how schemas work in this process, before the first is made. They are interpreted, not compiled: a command asks most of
 * its schemas a few times, and compiling one takes longer than that. What is wrong they say in English: those of zod/mini know no
 * language by themselves.
 */
export const settleSchemas = (): void => void z.config({ jitless: true, ...z.locales.en() });
