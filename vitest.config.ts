import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The first costs nothing until a test asks for a database.
    globalSetup: ['test/support/postgres-for-all.ts', 'test/support/browser-for-all.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: one worker more would only make the child processes of the command line tests wait.
    maxWorkers: 2,
  },
});
