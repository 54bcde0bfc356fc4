/**
 * Suspense: what was allocated to a creator nobody knows, kept in Storage, gross and without fee, until a person resolves it with a
 * reason. Amounts in minor units. Source of the rule: docs/rules.md, "Suspense".
 */
import type { z } from 'zod';
import type { suspenseRow } from '../../shared/contract/people';
import { CofferError } from '../../shared/domain/coffer-error';
import { feeRuleName, platformFee } from '../../shared/money/fee';
import { appendAudit } from '../journal/audit-chain';
import { requireCompared } from '../journal/restored';
import { FEE_REVENUE, LAPSED_REVENUE, owedTo, prefixEnd, SUSPENSE_PREFIX, suspenseOf } from '../ledger/accounts';
import { balance, keptInSuspense, type Posting, post } from '../ledger/ledger';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { openPeriodIn } from './fund-tracking';
import { readOpenPeriod, readSettings } from './settings';

/** The kind of its ledger transaction. */
const RESOLVED = 'suspense.resolved';

/** What is kept now, by the id nobody knows and currency, with the last month it came from. */
export async function listSuspense(db: Queries): Promise<z.infer<typeof suspenseRow>[]> {
  const waitsFor = await monthEndBegun(db);
  const origins = await db.selectFrom('suspense').selectAll().orderBy('period').execute();
  return (await keptInSuspense(db)).slice(0, 500).map((kept) => {
    const of = origins.filter((row) => row.creator_id === kept.id && row.currency === kept.currency);
    return {
      period: of.at(-1)?.period ?? '',
      creatorId: kept.id,
      currency: kept.currency,
      amount: String(kept.owed),
      allocations: of.reduce((count, row) => count + Number(row.allocations), 0),
      waitsFor,
    };
  });
}

/** The open month, once it is locked: what is resolved now would change figures that are fixed. */
async function monthEndBegun(db: Queries): Promise<string | null> {
  const open = await readOpenPeriod(db);
  return open === null || (await openPeriodIn(db, ['open'])) !== null ? null : open;
}

export interface SuspenseResolution {
  readonly creatorId: string;
  readonly currency: string;
  /** The known creator it is for, less the fee of now; null: nobody can claim it, it becomes revenue. */
  readonly assignTo: string | null;
  readonly reason: string;
}

/**
 * Resolves what is kept for one unknown id. Posted to the open month before it is locked: what it makes owed is paid with it, what it
 * makes revenue leaves Storage with the surplus of that month.
 */
export async function resolveSuspense(context: ServiceContext, resolution: SuspenseResolution): Promise<void> {
  await requireCompared(context.store.db);
  const { creatorId, currency, assignTo, reason } = resolution;
  const { feeBps } = await readSettings(context.store.db);
  await context.store.transaction(async (tx) => {
    const period = await readOpenPeriod(tx);
    const begun = await monthEndBegun(tx);
    if (begun !== null) {
      throw new CofferError(
        'month-end-begun',
        `The month end of ${begun} has begun.`,
        'Close it first, then resolve the suspense.',
      );
    }
    const kept = -(await balance(tx, suspenseOf(creatorId), currency));
    if (kept <= 0n) throw new CofferError('suspense-none', `Nothing is kept for ${creatorId}.`, 'Refresh the list.');
    if (assignTo !== null) await requireCreator(tx, assignTo);
    const fee = assignTo === null ? 0n : platformFee(kept, feeBps);
    const postings: Posting[] = [
      { account: suspenseOf(creatorId), currency, amount: kept },
      ...(assignTo === null
        ? [{ account: LAPSED_REVENUE, currency, amount: -kept }]
        : [
            { account: owedTo(assignTo), currency, amount: fee - kept },
            { account: FEE_REVENUE, currency, amount: -fee },
          ]),
    ];
    const at = context.now();
    await post(tx, {
      txId: context.newId(),
      at,
      kind: RESOLVED,
      period,
      intentId: null,
      description: `Suspense of ${creatorId} resolved: ${reason}`,
      postings,
    });
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'suspense.resolved',
      subject: creatorId,
      payload: {
        assignTo,
        currency,
        amount: kept,
        fee,
        feeRule: assignTo === null ? null : feeRuleName(feeBps),
        reason,
      },
    });
  });
}

/**
 * By currency, what resolutions posted to months after `period` took from what is owed and kept: fees, and what nobody could claim. It is
 * in Storage until the surplus of such a month is returned.
 */
export async function resolvedLater(db: Queries, period: string): Promise<ReadonlyMap<string, bigint>> {
  const resolutions = db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select('ledger_entry.tx_id')
    .where('account', '>=', SUSPENSE_PREFIX)
    .where('account', '<', prefixEnd(SUSPENSE_PREFIX))
    .where('kind', '=', RESOLVED)
    .where('period', '>', period);
  const rows = await db
    .selectFrom('ledger_entry')
    .select(({ fn }) => ['currency', fn.sum<bigint>('amount').as('total')])
    .where('tx_id', 'in', resolutions)
    .where('account', 'in', [FEE_REVENUE, LAPSED_REVENUE])
    .groupBy('currency')
    .execute();
  return new Map(rows.map((row) => [row.currency, -BigInt(row.total)]));
}

async function requireCreator(db: Queries, creatorId: string): Promise<void> {
  const known = await db
    .selectFrom('creator')
    .select('creator_id')
    .where('creator_id', '=', creatorId)
    .executeTakeFirst();
  if (known === undefined) {
    throw new CofferError(
      'creator-unknown',
      `There is no creator ${creatorId}.`,
      'Enter the id of a creator in the list.',
    );
  }
}
