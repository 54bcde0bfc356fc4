import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  snapshotPathTemplate: '{testDir}/{testFileName}-snapshots/{arg}{ext}',
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 90_000,
  expect: {
    timeout: 10_000,
    // Fonts, clock and data are fixed; what is left is the rounding of a curve's edge.
    toHaveScreenshot: {
      maxDiffPixelRatio: 0.00006,
      threshold: 0.02,
      animations: 'disabled',
      caret: 'hide',
      scale: 'css',
    },
  },
  reporter: [['list']],
  use: { screenshot: 'only-on-failure', trace: 'retain-on-failure' },
  projects: [
    { name: 'e2e', testMatch: '**/*.e2e.ts' },
    {
      // `npm run test:package`: what a person installs, looked into, installed and used.
      name: 'package',
      testDir: 'test/package',
      testMatch: '**/*.package.ts',
      timeout: 3 * 60_000,
    },
    {
      // `npm run demo`: one long tour that leaves screenshots, exports and the binder in demo-output/.
      name: 'demo',
      testMatch: 'demo.tour.ts',
      timeout: 15 * 60_000,
      use: { screenshot: 'off', trace: 'off' },
    },
  ],
});
