/** Mutants of ledger, journal and money: `npm run test:mutation`. Figures and reasons: docs/fault-tests.md, "Mutation tests". */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['electron/ledger/**/*.ts', 'electron/journal/**/*.ts', 'shared/money/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  incremental: false,
  concurrency: 2,
  timeoutMS: 10_000,
  checkers: [],
  reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'test-results/mutation/mutation.json' },
  htmlReporter: { fileName: 'test-results/mutation/mutation.html' },
  tempDirName: 'test-results/stryker',
  // A second biome.json below the first stops Biome.
  ignorePatterns: ['biome.json', 'out', 'dist', 'test-results', 'coverage', 'demo-output', 'docs/**/*.png'],
  disableTypeChecks: false,
  // Stryker rewrites this file through a TypeScript API that version 7 no longer has, and nothing in the sandbox reads it: a name that no file has.
  tsconfigFile: 'none',
  allowEmpty: false,
};
