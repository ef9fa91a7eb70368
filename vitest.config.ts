import { defineConfig } from 'vitest/config';

// Two cores: files run side by side, but slow ones (real processes, real installers) may take their time.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
