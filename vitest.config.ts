import { defineConfig } from 'vitest/config';

const slow = ['e2e', 'closure', 'comfy', 'nodes'].map((room) => `test/${room}/**/*.test.ts`);

// Files run side by side on the cores there are; tests with real processes and installers may take their time.
export default defineConfig({
  test: {
    setupFiles: ['test/rig/settle.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: slow } },
      { extends: true, test: { name: 'slow', include: slow } },
    ],
  },
});
