/** Rule: books of one mode are never opened with a key of another. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPlatform } from '../../../electron/services/platform';
import { temporaryFolder } from './platform';

const TEST_KEY = 'rk_test_a1B2c3D4a1B2c3D4a1B2c3D4';
const LIVE_KEY = 'rk_live_a1B2c3D4a1B2c3D4a1B2c3D4';

test.each([
  ['live', TEST_KEY, 'A test key was refused for the live books.'],
  ['test', LIVE_KEY, 'A live key was refused for the books of test mode.'],
  ['sandbox', LIVE_KEY, 'A live key was refused for the books of sandbox mode.'],
] as const)('%s books refuse the other key, and nothing is sent', async (mode, key, message) => {
  const folder = await temporaryFolder();
  let asked = false;
  let given: string | null = null;
  const platform = await openPlatform({
    storePath: join(folder, 'coffer.db'),
    mode,
    // Nobody listens there; live keys are refused for such a host too.
    baseUrl: mode === 'live' ? null : 'http://127.0.0.1:9',
    key: async () => {
      asked = true;
      return given;
    },
    actor: () => 'Test',
    publish: () => undefined,
  });
  given = key;
  await expect(platform.connect()).rejects.toMatchObject({ code: 'key-other-mode', message });
  expect(asked).toBe(true);
  await platform.close();
});
