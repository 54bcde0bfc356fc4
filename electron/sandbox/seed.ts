import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parseCurrency } from '../../shared/money/money';
import { newAccount } from './operations/accounts';
import type { Leg, Place } from './state/balances';
import { SandboxState } from './state/state';

/** Minor units per currency. */
export type SeedAmounts = Record<string, string | number>;

/** How a new sandbox starts. */
export interface SandboxSeed {
  payments_available: SeedAmounts;
  payments_pending?: SeedAmounts;
  storage_available: SeedAmounts;
  /** Connected recipient accounts. */
  accounts: { id: string; display_name?: string; payouts_enabled: boolean }[];
}

/** A seed that cannot be used, with every reason. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

const DEFAULT_CURRENCIES = ['eur', 'gbp', 'usd'];
const DAY_MS = 86_400_000;

const amounts = z.record(z.string(), z.union([z.string(), z.number()])).default({});
const stripeJson = z.object({
  payments_available: amounts,
  payments_pending: amounts,
  storage_available: amounts,
  payouts_disabled: z.array(z.string()).default([]),
});

/**
 * Reads `stripe.json` and the accounts of `creators.csv` from a dataset directory. Only what the sandbox needs is
 * checked here; the importer reports everything else about a dataset.
 */
export async function readSeedDirectory(dir: string): Promise<SandboxSeed> {
  const settings = await readStripeJson(join(dir, 'stripe.json'));
  const creators = await readText(join(dir, 'creators.csv'));
  const disabled = new Set(settings.payouts_disabled);
  const accounts = new Map<string, SandboxSeed['accounts'][number]>();
  for (const row of creatorsOf(creators, join(dir, 'creators.csv'))) {
    const id = row.stripe_account?.trim() ?? '';
    if (id === '' || accounts.has(id)) continue;
    const name = row.display_name?.trim() ?? '';
    accounts.set(id, { id, ...(name === '' ? {} : { display_name: name }), payouts_enabled: !disabled.has(id) });
  }
  return {
    payments_available: settings.payments_available,
    payments_pending: settings.payments_pending,
    storage_available: settings.storage_available,
    accounts: [...accounts.values()],
  };
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    throw new SeedError(`${file}: cannot be read. A seed directory needs stripe.json and creators.csv.`);
  }
}

async function readStripeJson(file: string) {
  const text = await readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SeedError(`${file}: is not valid JSON.`);
  }
  const parsed = stripeJson.safeParse(value);
  if (!parsed.success) {
    throw new SeedError(
      parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  return parsed.data;
}

const creatorRow = z.object({ stripe_account: z.string().optional(), display_name: z.string().optional() });

function creatorsOf(text: string, file: string): z.infer<typeof creatorRow>[] {
  let rows: unknown;
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    throw new SeedError(`${file}: ${error instanceof Error ? error.message : 'is not valid CSV'}`);
  }
  const parsed = z.array(creatorRow).parse(rows);
  if (parsed.length > 0 && parsed[0]?.stripe_account === undefined) {
    throw new SeedError(`${file}:1: stripe_account: the column is missing.`);
  }
  return parsed;
}

interface SeedPosting {
  readonly place: Place;
  readonly currency: string;
  readonly amount: bigint;
}

function postingsOf(seed: SandboxSeed): SeedPosting[] {
  const problems: string[] = [];
  const read = (place: Place, name: string, given: SeedAmounts): SeedPosting[] =>
    Object.entries(given).flatMap(([code, value]) => {
      const currency = parseCurrency(code);
      const amount = typeof value === 'number' && !Number.isSafeInteger(value) ? undefined : wholeNumber(String(value));
      if (currency === undefined) problems.push(`${name}: unknown currency "${code}"`);
      if (amount === undefined)
        problems.push(`${name}.${code}: "${value}" is not a whole number of minor units, zero or more`);
      return currency === undefined || amount === undefined ? [] : [{ place, currency, amount }];
    });
  const postings = [
    ...read('payments_available', 'payments_available', seed.payments_available),
    ...read('payments_pending', 'payments_pending', seed.payments_pending ?? {}),
    ...read('storage_available', 'storage_available', seed.storage_available),
  ];
  if (problems.length > 0) throw new SeedError(problems.join('\n'));
  return postings;
}

function wholeNumber(text: string): bigint | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const amount = BigInt(text);
  return amount <= BigInt(Number.MAX_SAFE_INTEGER) ? amount : undefined;
}

/**
 * Sets up a new sandbox: the platform, its financial account, the opening balances and the connected accounts. What was
 * there before has no history: opening balances have no lines, except pending money, which needs one to become available.
 */
export function applySeed(state: SandboxState, seed: SandboxSeed | undefined): void {
  const postings = seed === undefined ? [] : postingsOf(seed);
  const named = [...new Set(postings.map((posting) => posting.currency))].sort();
  const salt = SandboxState.newSalt();
  const now = state.clock.now();
  state.platforms.put({
    id: 'platform',
    salt,
    created: now,
    clock_offset: 0,
    account: `acct_1Q${salt}Platform`,
    bank_account: `ba_1Q${salt}Bank`,
    financial_account: `fa_test_1Q${salt}Storage`,
    financial_account_status: 'open',
    financial_account_name: 'Storage',
    financial_account_metadata: {},
    further_accounts: [],
    holds_currencies: named.length === 0 ? DEFAULT_CURRENCIES : named,
    payout_interval: 'manual',
    weekly_payout_days: [],
    monthly_payout_days: [],
    transfer_rules: {},
    minimum_balances: {},
    statement_descriptor: null,
    debit_negative_balances: true,
    delay_days_override: null,
  });
  for (const account of seed?.accounts ?? []) {
    state.accounts.put(
      newAccount(account.id, now, {
        displayName: account.display_name ?? null,
        payoutsEnabled: account.payouts_enabled,
      }),
    );
  }
  for (const { place, currency, amount } of postings) {
    if (amount === 0n) continue;
    const legs: Leg[] = [
      { place, amount },
      { place: 'world', amount: -amount },
    ];
    state.balances.post(currency, legs);
    if (place === 'payments_pending') seedPending(state, currency, amount, now);
  }
}

/** Pending opening money becomes available after two days, as card payments do. */
function seedPending(state: SandboxState, currency: string, amount: bigint, now: number): void {
  const id = state.newId('txn_');
  const availableOn = now + 2 * DAY_MS;
  state.balanceTransactions.put({
    id,
    created: now,
    available_on: availableOn,
    status: 'pending',
    type: 'charge',
    reporting_category: 'charge',
    amount,
    fee: 0n,
    currency,
    source: null,
    description: 'Opening pending balance',
  });
  state.settlements.plan('balance_transaction', id, availableOn);
}
