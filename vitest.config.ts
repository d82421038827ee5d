import { defineConfig } from 'vitest/config'

/** Tests run what ships: `#src/…` and friends resolve to the built files in dist/. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/account.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
