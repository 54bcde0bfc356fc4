/** Rule: every problem of a dataset is reported as `file:line: column: what is wrong, what is expected`, and nothing is imported. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeProblem } from '../../../electron/services/dataset/problems';
import {
  type AllocationRow,
  type DatasetSink,
  NO_SINK,
  type PaymentRow,
  readDataset,
} from '../../../electron/services/dataset/read-dataset';

const FIXTURES = new URL('../../fixtures/datasets/', import.meta.url);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-dataset-'));
  await cp(new URL('worked', FIXTURES), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (file: string, content: string | Uint8Array) => writeFile(join(folder, file), content);

async function read(sink: Partial<DatasetSink> = {}, requireStripe = true) {
  const report = await readDataset(folder, { ...NO_SINK, ...sink }, { requireStripe });
  return { ...report, lines: report.problems.all.map(describeProblem) };
}

const PAYMENTS = 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n';
const payment = (more: string) => put('payments.csv', PAYMENTS + more);

describe('A good dataset', () => {
  test.each(['worked', 'edge', 'migration'])('%s has no problems', async (name) => {
    const report = await readDataset(new URL(name, FIXTURES).pathname, NO_SINK, { requireStripe: true });
    expect(report.problems.all).toEqual([]);
    expect(report.policy?.period).toBe('2026-10');
  });

  test('counts and sums what it holds, by currency', async () => {
    const { counts, totals } = await read();
    expect(counts).toEqual({ creators: 7, subscribers: 100, payments: 100, allocations: 100, openings: 0 });
    expect([...totals]).toEqual([['usd', { payments: 100_000n, allocations: 70_000n, opening: 0n }]]);
  });

  test('may have a BOM, columns in any order, columns of its own, CR LF, and currencies in capitals', async () => {
    await put(
      'payments.csv',
      '\uFEFFnote,status,paid_at,refunded_minor,amount_minor,currency,period,subscriber_id,payment_id\r\nhello,succeeded,2026-10-03T10:00:00+02:00,1,1000,USD,2026-10,s001,p1\r\n',
    );
    const rows: PaymentRow[] = [];
    const { lines, notes } = await read({ payment: (row) => rows.push(row) });
    expect(lines).toEqual([]);
    expect(notes).toContain('payments.csv: the column "note" is not used and was ignored.');
    expect(rows).toEqual([
      {
        paymentId: 'p1',
        subscriberId: 's001',
        period: '2026-10',
        currency: 'usd',
        amount: 1_000n,
        refunded: 1n,
        status: 'succeeded',
        paidAt: '2026-10-03T10:00:00+02:00',
      },
    ]);
  });

  test('may name creators that creators.csv does not know: a note, not a problem', async () => {
    await put(
      'allocations.csv',
      'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\na1,s001,ghost,2026-10,usd,1,active,2026-10-20T12:00:00Z\n',
    );
    const rows: AllocationRow[] = [];
    const { lines, notes } = await read({ allocation: (row) => rows.push(row) });
    expect(lines).toEqual([]);
    expect(rows).toHaveLength(1);
    expect(notes.join()).toContain('1 creator');
  });

  test('needs no stripe.json where Stripe is another', async () => {
    await rm(join(folder, 'stripe.json'));
    expect((await read({}, false)).lines).toEqual([]);
    expect((await read({}, true)).lines).toEqual([
      'stripe.json:0: (file): the file is missing, expected in the dataset directory',
    ]);
  });
});

describe('Problems', () => {
  test('a folder without any file names every file once, and nothing that follows from it', async () => {
    await rm(folder, { recursive: true });
    const { lines } = await read();
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual([
      'allocations.csv',
      'creators.csv',
      'opening.csv',
      'payments.csv',
      'policy.json',
      'stripe.json',
      'subscribers.csv',
    ]);
  });

  test('a file that is not there does not make every reference to it a problem', async () => {
    await rm(join(folder, 'subscribers.csv'));
    expect((await read()).lines).toEqual([
      'subscribers.csv:0: (file): the file is missing, expected in the dataset directory',
    ]);
  });

  test.each([
    ['p,s001,2026-10,usd,1,0,succeeded,2026-10-03', '2: paid_at'],
    ['p,s001,2026-10,usd,1,0,succeeded,2026-02-30T10:00:00Z', '2: paid_at'],
    ['p,s001,2026-10,usd,1,0,Succeeded,2026-10-03T10:00:00Z', '2: status'],
    ['p,s001,2026-10,usd,0x10,0,succeeded,2026-10-03T10:00:00Z', '2: amount_minor'],
    ['p,s001,2026-10,usd,1e3,0,succeeded,2026-10-03T10:00:00Z', '2: amount_minor'],
    ['p,s001,2026-10,usd,+5,0,succeeded,2026-10-03T10:00:00Z', '2: amount_minor'],
    ['p,s001,2026-10,usd,１,0,succeeded,2026-10-03T10:00:00Z', '2: amount_minor'],
    ['p,s001,2026-1,usd,1,0,succeeded,2026-10-03T10:00:00Z', '2: period'],
    ['p,,2026-10,usd,1,0,succeeded,2026-10-03T10:00:00Z', '2: subscriber_id'],
    [',s001,2026-10,usd,1,0,succeeded,2026-10-03T10:00:00Z', '2: payment_id'],
    ['p,S001,2026-10,usd,1,0,succeeded,2026-10-03T10:00:00Z', '2: subscriber_id'],
    ['p,s001,2026-10,,1,0,succeeded,2026-10-03T10:00:00Z', '2: currency'],
  ])('%s', async (row, where) => {
    await payment(`${row}\n`);
    const { lines } = await read();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^payments\\.csv:${where}: .+, expected .+`));
  });

  test('several in one row are all reported, the refund above the amount too', async () => {
    await payment('p1,nobody,2026-13,xyz,10,11,lost,never\n');
    expect((await read()).lines.map((line) => line.split(':')[2]?.trim()).sort()).toEqual([
      'currency',
      'paid_at',
      'period',
      'refunded_minor',
      'status',
      'subscriber_id',
    ]);
  });

  test('each is one line, whatever the cell holds', async () => {
    await payment('p1,s001,"2026-10\nx",usd,10,0,succeeded,2026-10-03T10:00:00Z\n');
    const { lines } = await read();
    expect(lines).toHaveLength(1);
    expect(lines[0]?.split('\n')).toHaveLength(1);
  });

  test('bytes that are not UTF-8 are one, not silently replaced', async () => {
    await put(
      'creators.csv',
      Buffer.from(
        'creator_id,display_name,email,stripe_account,hold_reason\nc1,Zo\xeb,x@example.com,acct_c1,\n',
        'latin1',
      ),
    );
    expect((await read()).lines.join()).toMatch(/creators\.csv:.*UTF-8/);
  });

  test('quotes that are never closed, and a quote in the middle of a cell', async () => {
    await payment('p1,s001,2026-10,usd,10,0,succeeded,"2026-10-03T10:00:00Z\n');
    expect((await read()).lines.join()).toMatch(/^payments\.csv:\d+: \(row\): the row is not valid CSV/);
    await payment('p1,s0"01,2026-10,usd,10,0,succeeded,2026-10-03T10:00:00Z\n');
    expect((await read()).lines.join()).toMatch(/^payments\.csv:\d+: \(row\): the row is not valid CSV/);
  });

  test('a header that is missing a column, has one twice, or is not there', async () => {
    await payment('');
    expect((await read()).lines).toEqual([]);
    await put('payments.csv', '');
    expect((await read()).lines[0]).toMatch(/^payments\.csv:1: \(header\): the file is empty/);
    await put('payments.csv', `${PAYMENTS.trim()},status\n`);
    expect((await read()).lines).toEqual(['payments.csv:1: status: the column is there twice, expected once']);
    await put('payments.csv', PAYMENTS.replace('refunded_minor,', ''));
    expect((await read()).lines).toEqual([
      'payments.csv:1: refunded_minor: the column is missing, expected in the header row',
    ]);
  });

  test('line numbers count lines of the file, also after a cell with a line break', async () => {
    const names = await readFile(join(folder, 'subscribers.csv'), 'utf8');
    await put('subscribers.csv', names.replace('Subscriber 1\r\n', '"Subscriber\r\n1"\r\n').replace('s003,', 's002,'));
    expect((await read()).lines.filter((line) => line.startsWith('subscribers'))).toEqual([
      'subscribers.csv:5: subscriber_id: "s002" is there twice, expected each id once',
    ]);
  });

  test('an id with a NUL character is refused', async () => {
    const names = await readFile(join(folder, 'subscribers.csv'), 'utf8');
    await put('subscribers.csv', names.replace('s003,', 's0\u000003,'));
    expect((await read()).lines.filter((line) => line.startsWith('subscribers'))).toEqual([
      'subscribers.csv:4: subscriber_id: the id has a NUL character, expected none',
    ]);
  });

  test.each([
    ['{', 'policy.json:1: (file)'],
    ['[]', 'policy.json:1: (file)'],
    ['{}', 'policy.json:1: period'],
  ])('policy.json with %s', async (content, where) => {
    await put('policy.json', content);
    expect((await read()).lines[0]).toContain(where);
  });

  test('amounts in policy.json and stripe.json are whole and not negative', async () => {
    for (const amount of ['-1', '0.5', '"25"', 'null', '1e30']) {
      await put('stripe.json', `{"payments_available":{"usd":${amount}}}`);
      expect((await read()).lines, amount).toHaveLength(1);
    }
  });
});
