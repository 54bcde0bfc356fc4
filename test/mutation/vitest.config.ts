/** The tests that are to notice a changed line of ledger, journal and money; quick ones only, as each mutant runs them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'test/unit/{journal,ledger,money}/**/*.test.ts',
      'test/unit/audit-golden.test.ts',
      'test/unit/stripe/amount-text.test.ts',
      'test/property/{journal,money}.test.ts',
    ],
    testTimeout: 10_000,
    restoreMocks: true,
  },
});
