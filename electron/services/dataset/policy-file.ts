/** `policy.json` and `stripe.json` of a dataset directory. */
import { readFile } from 'node:fs/promises';
import { parseCurrency } from '../../../shared/money/money';
import { type Period, parsePeriod } from '../../../shared/period/period';
import type { RailName } from '../../rails/segregation-rail';
import type { ProblemList } from './problems';

export interface Policy {
  readonly period: Period;
  readonly feeBps: number;
  /** Minor units by currency; a currency that is not named has no minimum. */
  readonly payoutMinimum: ReadonlyMap<string, bigint>;
  readonly fundingBasis: 'net' | 'gross';
  readonly rail: RailName;
}

export interface StripeStart {
  readonly paymentsAvailable: ReadonlyMap<string, bigint>;
  readonly paymentsPending: ReadonlyMap<string, bigint>;
  readonly storageAvailable: ReadonlyMap<string, bigint>;
  readonly payoutsDisabled: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

async function readObject(
  directory: string,
  file: string,
  required: boolean,
  problems: ProblemList,
): Promise<Json | null> {
  let text: string;
  try {
    text = await readFile(`${directory}/${file}`, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (required && missing) problems.add(file, 0, '(file)', 'the file is missing, expected in the dataset directory');
    if (!missing) problems.add(file, 0, '(file)', 'the file cannot be read, expected a readable file');
    return null;
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Reported below, with the same words as any other value that is not an object.
  }
  problems.add(file, 1, '(file)', 'the file is not valid JSON, expected one object');
  return null;
}

/** The line a top-level key stands on, for the report; 1 when it cannot be told. */
async function lineOf(directory: string, file: string, key: string): Promise<number> {
  const text = await readFile(`${directory}/${file}`, 'utf8').catch(() => '');
  const index = text.indexOf(`"${key}"`);
  return index < 0 ? 1 : text.slice(0, index).split('\n').length;
}

export async function readPolicy(directory: string, problems: ProblemList, notes: string[]): Promise<Policy | null> {
  const file = 'policy.json';
  const json = await readObject(directory, file, true, problems);
  if (json === null) return null;
  const before = problems.count;
  const report = async (key: string, message: string): Promise<void> => {
    problems.add(file, await lineOf(directory, file, key), key, message);
  };
  const expect = async (key: string): Promise<boolean> => {
    if (key in json) return true;
    problems.add(file, 1, key, 'the setting is missing, expected in policy.json');
    return false;
  };
  const known = ['period', 'fee_bps', 'payout_minimum_minor', 'funding_basis', 'rail'];
  for (const key of Object.keys(json)) {
    if (!known.includes(key)) notes.push(`${file}: the setting "${key}" is not used and was ignored.`);
  }

  const period = typeof json.period === 'string' ? parsePeriod(json.period) : undefined;
  if ((await expect('period')) && period === undefined) {
    await report('period', `"${String(json.period)}" is not a period, expected YYYY-MM`);
  }
  const feeBps = json.fee_bps;
  const feeValid = typeof feeBps === 'number' && Number.isInteger(feeBps) && feeBps >= 0 && feeBps <= 10_000;
  if ((await expect('fee_bps')) && !feeValid) {
    await report(
      'fee_bps',
      `${JSON.stringify(feeBps)} is not a fee, expected a whole number of basis points from 0 to 10000`,
    );
  }
  const payoutMinimum = (await expect('payout_minimum_minor'))
    ? await amounts(directory, file, 'payout_minimum_minor', json.payout_minimum_minor, problems)
    : new Map<string, bigint>();
  const basis = json.funding_basis;
  const basisValid = basis === 'net' || basis === 'gross';
  if ((await expect('funding_basis')) && !basisValid) {
    await report('funding_basis', `${JSON.stringify(basis)} is unknown, expected "net" or "gross"`);
  }
  const rail = json.rail;
  const railValid = rail === 'financial-account' || rail === 'earmark';
  if ((await expect('rail')) && !railValid) {
    await report('rail', `${JSON.stringify(rail)} is unknown, expected "financial-account" or "earmark"`);
  }
  if (problems.count > before || period === undefined || !feeValid || !basisValid || !railValid) return null;
  return { period, feeBps, payoutMinimum, fundingBasis: basis, rail };
}

/** Reads how the embedded Stripe starts. Null when the file is not there and not required, or is wrong. */
export async function readStripeStart(
  directory: string,
  required: boolean,
  problems: ProblemList,
): Promise<StripeStart | null> {
  const file = 'stripe.json';
  const json = await readObject(directory, file, required, problems);
  if (json === null) return null;
  const before = problems.count;
  const read = (key: string): Promise<Map<string, bigint>> =>
    key in json ? amounts(directory, file, key, json[key], problems) : Promise.resolve(new Map());
  if (!('payments_available' in json)) {
    problems.add(file, 1, 'payments_available', 'the setting is missing, expected an object of amounts by currency');
  }
  const start = {
    paymentsAvailable: await read('payments_available'),
    paymentsPending: await read('payments_pending'),
    storageAvailable: await read('storage_available'),
  };
  const disabled: unknown = json.payouts_disabled ?? [];
  if (!Array.isArray(disabled) || !disabled.every((account) => typeof account === 'string')) {
    problems.add(
      file,
      await lineOf(directory, file, 'payouts_disabled'),
      'payouts_disabled',
      'expected a list of account ids',
    );
  }
  if (problems.count > before || !Array.isArray(disabled)) return null;
  return { ...start, payoutsDisabled: disabled.map(String) };
}

async function amounts(
  directory: string,
  file: string,
  key: string,
  value: unknown,
  problems: ProblemList,
): Promise<Map<string, bigint>> {
  const result = new Map<string, bigint>();
  const line = await lineOf(directory, file, key);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(file, line, key, 'expected an object of amounts by currency, such as {"usd": 2500}');
    return result;
  }
  for (const [code, amount] of Object.entries(value)) {
    const currency = parseCurrency(code);
    if (currency === undefined)
      problems.add(file, line, key, `the currency "${code}" is unknown, expected an ISO 4217 code`);
    else if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 0) {
      problems.add(
        file,
        line,
        key,
        `${JSON.stringify(amount)} is not an amount of ${code}, expected whole minor units, not negative`,
      );
    } else result.set(currency, BigInt(amount));
  }
  return result;
}
