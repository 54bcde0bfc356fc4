/** What only the sandbox has: its datasets, moved to the last full month, and six months of believable, labelled history. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BalanceEvent } from '../../shared/contract/balances';
import { max } from '../../shared/money/money';
import { coverageBps } from '../../shared/period/coverage';
import {
  addMonths,
  monthsBetween,
  type Period,
  periodEnd,
  periodOf,
  periodStart,
  period as toPeriod,
} from '../../shared/period/period';
import type { ServiceContext } from './context';
import { obligations, totalOwed } from './fund-tracking';
import { readBalances } from './stripe-storage-balance';

export interface SandboxDataset {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

export const SANDBOX_DATASETS: readonly SandboxDataset[] = [
  {
    id: 'mixed',
    title: 'A mixed balance',
    description:
      '10,000.00 in one balance, 7,000.00 of it owed to 46 creators. Begin with the migration, then close the month.',
  },
  {
    id: 'separated',
    title: 'Already separated, two currencies',
    description: '64 creators paid in US dollars and euros. Storage holds what was owed before; close the month.',
  },
  {
    id: 'worked',
    title: 'The worked example',
    description: '1,000.00 collected, 700.00 allocated to 7 creators: fee 49.00, creators 651.00, platform 349.00.',
  },
];

export const DEFAULT_DATASET = 'mixed';

/**
 * Copies a dataset with every month moved so that its period is the last full month before `now`: the sandbox is never out of date.
 * Returns the directory of the copy.
 */
export async function rebaseDataset(source: string, target: string, now: Date): Promise<string> {
  const policy: { period: string } = JSON.parse(await readFile(join(source, 'policy.json'), 'utf8'));
  const from = toPeriod(policy.period);
  const months = monthsBetween(from, addMonths(periodOf(now), -1));
  await mkdir(target, { recursive: true });
  for (const file of await readdir(source)) {
    const content = await readFile(join(source, file), 'utf8');
    await writeFile(
      join(target, file),
      file === 'policy.json' || file.endsWith('.csv') ? moveMonths(content, months) : content,
    );
  }
  return target;
}

/** Moves every `YYYY-MM` and the dates that begin with one. Days above the 28th do not occur in the sandbox's datasets. */
function moveMonths(content: string, months: number): string {
  return content.replace(/\b(20\d{2}-(?:0[1-9]|1[0-2]))(?=-\d{2}T|"|,|$)/gm, (month) =>
    addMonths(toPeriod(month), months),
  );
}

const DAYS = 183;

/** A number in [0, 1) that depends on the day only. */
function noise(day: number): number {
  const x = Math.sin(day * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/**
 * Writes the history that the sandbox starts with, one point a day, ending at the balances of now. Marked as seeded, so that no
 * figure of it is taken for a reading. Does nothing when there is history already.
 */
export async function seedHistory(context: ServiceContext): Promise<void> {
  const { store } = context;
  const known = await store.db.selectFrom('balance_snapshot').select('at').limit(1).executeTakeFirst();
  if (known !== undefined) return;
  const now = context.now();
  const owedNow = totalOwed(await obligations(store));
  const balances = await readBalances(context);
  const today = Math.floor(now.getTime() / 86_400_000);
  // Scaled so that the history ends where the balances are now.
  const last = shareOf(now, now, DAYS);
  await store.transaction(async (tx) => {
    for (const one of balances) {
      const owed = owedNow.get(one.currency) ?? 0n;
      const mixed = one.storageAvailable === 0n;
      for (let day = today - DAYS; day < today; day++) {
        const at = new Date(day * 86_400_000 + 6 * 3_600_000);
        const share = BigInt(Math.round((shareOf(at, now, day - (today - DAYS)) / last) * 10_000));
        const owedThen = (owed * share) / 10_000n;
        const payments = one.paymentsAvailable + one.paymentsPending;
        const own = mixed ? payments - owed : payments;
        const ownThen = max((own * (4_000n + (share * 6n) / 10n)) / 10_000n, 0n);
        const storageThen = mixed ? 0n : (max(one.storageAvailable, owed / 2n) * share) / 10_000n;
        const paymentsThen = mixed ? ownThen + owedThen : ownThen;
        await tx
          .insertInto('balance_snapshot')
          .values({
            at: at.toISOString(),
            currency: one.currency,
            payments_available: paymentsThen,
            payments_pending: 0n,
            storage_available: storageThen,
            storage_inbound: 0n,
            storage_outbound: 0n,
            owed: mixed ? owedThen : storageThen,
            coverage_bps: coverageOf(storageThen, mixed ? owedThen : storageThen),
            seeded: 1n,
            books: storageThen,
            accrued: 0n,
            month: null,
            unexplained: 0n,
            entries: 0n,
          })
          .execute();
      }
    }
    await tx
      .insertInto('setting')
      .values({ key: 'seeded-events', value: JSON.stringify(monthEnds(now)) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

function coverageOf(storageAvailable: bigint, owed: bigint): bigint | null {
  const bps = coverageBps({ storageAvailable, inboundPending: 0n, outboundPending: 0n, owed });
  return bps === null ? null : BigInt(bps);
}

/**
 * Grows over the month, falls with its payout on the 3rd, a little higher every month. The open month is not paid yet: from the payout
 * before it everything goes on growing.
 */
function shareOf(at: Date, now: Date, dayOfHistory: number): number {
  const openSince = periodStart(addMonths(periodOf(now), -1)).getTime() + 2 * 86_400_000;
  const days = at.getTime() >= openSince ? (at.getTime() - openSince) / 86_400_000 : (at.getUTCDate() + 27) % 31;
  const season = 0.55 + (0.3 * dayOfHistory) / DAYS;
  return season * (0.25 + (0.75 * days) / 31) + 0.03 * noise(Math.floor(at.getTime() / 86_400_000));
}

function monthEnds(now: Date): BalanceEvent[] {
  const events: BalanceEvent[] = [];
  const last = addMonths(periodOf(now), -2);
  for (let back = 4; back >= 0; back--) {
    const closed: Period = addMonths(last, -back);
    events.push({
      at: new Date(periodEnd(closed).getTime() + 2 * 86_400_000 + 10 * 3_600_000).toISOString(),
      kind: 'month-end',
      label: `${closed} paid`,
    });
  }
  return events;
}
