import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      project('unit', { testTimeout: 10_000 }),
      project('property', { testTimeout: 60_000 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('sandbox', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('faults', { testTimeout: 600_000, hookTimeout: 60_000 }),
      {
        plugins: [react()],
        ...project('renderer', { environment: 'jsdom', testTimeout: 20_000 }),
      },
    ],
  },
});

function project(name: string, test: { environment?: string; testTimeout: number; hookTimeout?: number }) {
  return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...test } };
}
