import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { type Cluster, startCluster } from '../integration/data-source/cluster';
import { enterSandbox, goTo, startApp } from './app';

const worked = path.resolve(import.meta.dirname, '../fixtures/datasets/worked');
const PASSWORD = 'canary-of-the-database';

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster();
});
test.afterAll(() => cluster.stop());

/** Every file of a folder as bytes. */
function contentOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name))));
}

test('a month comes from a real PostgreSQL server; its password is in no file', async () => {
  const running = await startApp();
  const { window } = running;
  try {
    await enterSandbox(window);
    const summary = () => window.evaluate(() => globalThis.window.coffer?.call('data.summary', undefined));
    const before = await summary();
    if (before?.ok !== true) throw new Error('There is no summary');
    const [month = ''] = before.value.periods;
    await cluster.sql(`
      CREATE SCHEMA coffer;
      CREATE VIEW coffer.creators AS SELECT 'pg-c1' AS creator_id, 'From the database' AS display_name,
        'c@example.com' AS email, 'acct_pg1' AS stripe_account, NULL AS hold_reason;
      CREATE VIEW coffer.subscribers AS SELECT 'pg-s1' AS subscriber_id, 'Sam' AS display_name;
      CREATE VIEW coffer.payments AS SELECT 'pg-p1' AS payment_id, 'pg-s1' AS subscriber_id, '${month}' AS period, 'usd' AS currency,
        4200 AS amount_minor, 0 AS refunded_minor, 'succeeded' AS status, timestamptz '${month}-03 10:00:00Z' AS paid_at;
      CREATE VIEW coffer.allocations AS SELECT 'pg-a1' AS allocation_id, 'pg-s1' AS subscriber_id, 'pg-c1' AS creator_id,
        '${month}' AS period, 'usd' AS currency, 4000 AS amount_minor, 'active' AS status,
        timestamptz '${month}-04 10:00:00Z' AS updated_at;
      CREATE VIEW coffer.opening AS SELECT 'x' AS creator_id, 'usd' AS currency, 0 AS owed_minor WHERE false;
      CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}';
      GRANT USAGE ON SCHEMA coffer TO reader;
      GRANT SELECT ON ALL TABLES IN SCHEMA coffer TO reader;
    `);
    await goTo(window, 'Settings');
    await window.getByRole('tab', { name: 'Data' }).click();
    await window.getByRole('button', { name: 'Set up a database…' }).click();
    const dialog = window.getByRole('dialog');
    await dialog.getByLabel('Host').fill('127.0.0.1');
    await dialog.getByLabel('Port').fill(String(cluster.port));
    await dialog.getByLabel('Database', { exact: true }).fill('postgres');
    await dialog.getByLabel('User').fill('reader');
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Save the database' }).click();
    await window.getByRole('button', { name: 'Test the connection' }).click();
    await expect(window.getByText('This user can only read.')).toBeVisible();

    await window.getByRole('button', { name: 'Read a month…' }).click();
    await window.getByRole('textbox', { name: 'Month' }).fill(month);
    await window.getByRole('button', { name: 'Read and check' }).click();
    await window.getByRole('button', { name: 'Import 1 payment' }).click();
    await expect(window.getByRole('dialog')).toHaveCount(0, { timeout: 30_000 });
    const after = await summary();
    if (after?.ok !== true) throw new Error('There is no summary');
    expect(after.value.counts.payments).toBe(before.value.counts.payments + 1);
    expect(after.value.lastImport?.source).toContain(path.join('datasets', 'postgres'));
    expect(running.complaints).toEqual([]);
  } finally {
    await running.close();
  }
  const content = contentOf(running.userData);
  expect(content.includes('pg-p1')).toBe(true);
  expect(content.includes(PASSWORD)).toBe(false);
});

test('an export in the watched folder is imported once it is complete, and once only', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-exports-'));
  const running = await startApp();
  const { window } = running;
  try {
    await enterSandbox(window);
    await goTo(window, 'Settings');
    await window.getByRole('tab', { name: 'Data' }).click();
    await running.answerDialog(folder);
    await window.getByRole('button', { name: 'Watch a folder…' }).click();
    const table = window.getByRole('table', { name: 'Exports that were found' });
    await expect(table.getByText('No export has appeared yet.')).toBeVisible();

    const october = path.join(folder, 'october');
    cpSync(worked, october, { recursive: true });
    await expect(table.getByText('SHA256SUMS is not there yet')).toBeVisible({ timeout: 15_000 });
    writeFileSync(path.join(october, 'SHA256SUMS'), sumsOf(october));
    await expect(table.getByText('Imported')).toBeVisible({ timeout: 30_000 });
    await expect(table.getByText('100 payments')).toBeVisible();

    const broken = path.join(folder, 'broken');
    cpSync(worked, broken, { recursive: true });
    writeFileSync(path.join(broken, 'payments.csv'), 'payment_id\nx\n');
    writeFileSync(path.join(broken, 'SHA256SUMS'), sumsOf(broken));
    await expect(table.getByText('Refused')).toBeVisible({ timeout: 30_000 });
    await expect(table.getByRole('row')).toHaveCount(3);
    if (process.env.SHOT) await window.screenshot({ path: process.env.SHOT });
  } finally {
    await running.close();
  }
});

function sumsOf(directory: string): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map(
      ({ name }) =>
        `${createHash('sha256')
          .update(readFileSync(path.join(directory, name)))
          .digest('hex')}  ${name}\n`,
    )
    .join('');
}
