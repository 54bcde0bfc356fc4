/** The policy a platform works by, kept in the store. Amounts in minor units. */
import type { z } from 'zod';
import { type SettingsView, settingsView } from '../../shared/contract/settings';
import { type Period, parsePeriod } from '../../shared/period/period';
import type { Queries } from '../store/store';

export const DEFAULT_SETTINGS: SettingsView = {
  feeBps: 700,
  payoutMinimum: { usd: '2500' },
  approvalLimit: {},
  fundingBasis: 'net',
  rail: 'financial-account',
  migrationChunk: '200000',
  pollMinutes: 5,
  theme: 'system',
};

async function read(db: Queries, key: string): Promise<string | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value ?? null;
}

async function write(db: Queries, key: string, value: string): Promise<void> {
  await db
    .insertInto('setting')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

export async function readSettings(db: Queries): Promise<SettingsView> {
  const stored = await read(db, 'settings');
  return stored === null ? DEFAULT_SETTINGS : settingsView.parse({ ...DEFAULT_SETTINGS, ...JSON.parse(stored) });
}

export async function writeSettings(db: Queries, settings: SettingsView): Promise<void> {
  await write(db, 'settings', JSON.stringify(settingsView.parse(settings)));
}

/** Smallest payout of a currency in minor units; zero when the policy names none. */
export function payoutMinimum(settings: SettingsView, currency: string): bigint {
  return BigInt(settings.payoutMinimum[currency] ?? '0');
}

/**
 * What one person alone may pay of a currency, in minor units; null: any amount. Once one currency has a limit, one that has none
 * allows nothing: otherwise a payment in it would be the way around the second person.
 */
export function approvalLimitOf(
  { approvalLimit }: Pick<SettingsView, 'approvalLimit'>,
  currency: string,
): bigint | null {
  const limit = approvalLimit[currency];
  if (limit !== undefined) return BigInt(limit);
  return Object.keys(approvalLimit).length === 0 ? null : 0n;
}

/** True when one person alone may pay more of some currency than before. */
export function liftsApprovalLimit(
  before: Pick<SettingsView, 'approvalLimit'>,
  after: Pick<SettingsView, 'approvalLimit'>,
): boolean {
  return Object.keys({ ...before.approvalLimit, ...after.approvalLimit }).some((currency) => {
    const [held, next] = [approvalLimitOf(before, currency), approvalLimitOf(after, currency)];
    return held !== null && (next === null || next > held);
  });
}

/** The month that is open for work; null before the first import. */
export async function readOpenPeriod(db: Queries): Promise<Period | null> {
  const stored = await read(db, 'open-period');
  return stored === null ? null : (parsePeriod(stored) ?? null);
}

export async function writeOpenPeriod(db: Queries, period: Period): Promise<void> {
  await write(db, 'open-period', period);
}

/** When Coffer took over each currency's balances: lines created before are part of the opening figure. */
export async function readAdoption(db: Queries): Promise<Date | null> {
  const stored = await read(db, 'adopted-at');
  return stored === null ? null : new Date(stored);
}

export async function writeAdoption(db: Queries, at: Date): Promise<void> {
  await write(db, 'adopted-at', at.toISOString());
}

/** `sandbox`, `test` or `live`: written once, when the books are first opened. */
export function readBooksMode(db: Queries): Promise<string | null> {
  return read(db, 'mode');
}

export async function writeBooksMode(db: Queries, mode: string): Promise<void> {
  await write(db, 'mode', mode);
}

/** The Stripe account these books belong to: written once, at the first connection that may read it. */
export function readStripeAccount(db: Queries): Promise<string | null> {
  return read(db, 'stripe-account');
}

export async function writeStripeAccount(db: Queries, account: string): Promise<void> {
  await write(db, 'stripe-account', account);
}

/** The financial account a person chose as Storage; null when nobody chose. */
export function readChosenStorageAccount(db: Queries): Promise<string | null> {
  return read(db, 'storage-account');
}

export async function writeChosenStorageAccount(db: Queries, id: string): Promise<void> {
  await write(db, 'storage-account', id);
}

/** A value of a setting that has a schema of its own; null when it was never written. */
export async function readSetting<T>(db: Queries, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const stored = await read(db, key);
  return stored === null ? null : schema.parse(JSON.parse(stored));
}

export async function writeSetting(db: Queries, key: string, value: unknown): Promise<void> {
  await write(db, key, JSON.stringify(value));
}

export async function removeSetting(db: Queries, key: string): Promise<void> {
  await db.deleteFrom('setting').where('key', '=', key).execute();
}
