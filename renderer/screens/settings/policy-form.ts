/** The policy as it is typed, and back: every field is checked before anything is sent. Amounts in minor units. */
import type { SettingsView } from '../../../shared/contract';
import { accounting, parseAmount, plainDecimal } from '../../components';

export interface MinimumText {
  readonly currency: string;
  readonly amount: string;
}

export interface PolicyForm {
  readonly rail: SettingsView['rail'];
  readonly fundingBasis: SettingsView['fundingBasis'];
  /** Percent, as typed. */
  readonly fee: string;
  readonly minimums: readonly MinimumText[];
  /** An amount of the main currency, as typed. */
  readonly migrationChunk: string;
  readonly pollMinutes: string;
}

export type PolicyProblems = Partial<Record<'fee' | 'migrationChunk' | 'pollMinutes' | `minimum:${string}`, string>>;

export type PolicyChange = Partial<
  Pick<SettingsView, 'rail' | 'fundingBasis' | 'feeBps' | 'payoutMinimum' | 'migrationChunk' | 'pollMinutes'>
>;

/** `main` is the currency in which amounts that hold for every currency are written. */
export function policyForm(settings: SettingsView, main: string): PolicyForm {
  return {
    rail: settings.rail,
    fundingBasis: settings.fundingBasis,
    fee: percentText(settings.feeBps),
    minimums: Object.entries(settings.payoutMinimum)
      .map(([currency, minor]) => ({ currency, amount: plainDecimal(minor, currency) }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    migrationChunk: plainDecimal(settings.migrationChunk, main),
    pollMinutes: String(settings.pollMinutes),
  };
}

/** Basis points as percent: 700 → `7.00`. */
export function percentText(bps: number): string {
  return `${Math.floor(bps / 100)}.${String(bps % 100).padStart(2, '0')}`;
}

/** Percent with up to two decimals as basis points; undefined when it is not one from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$/.exec(text.trim());
  if (match === null) return undefined;
  const bps = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return bps <= 10_000 ? bps : undefined;
}

/** What the same number of minor units is in the other currencies of the policy: `2,000.00 EUR`, `200,000 JPY`. */
export function chunkElsewhere(chunk: string, main: string, currencies: readonly string[]): readonly string[] {
  const minor = parseAmount(chunk, main);
  if (minor === undefined) return [];
  return currencies
    .filter((currency) => currency !== main)
    .map((currency) => `${accounting(minor, currency)} ${currency.toUpperCase()}`);
}

function wholeNumber(text: string, from: number, to: number): number | undefined {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  return value >= from && value <= to ? value : undefined;
}

/** The fields that differ from the settings, or what is wrong; with a problem nothing is to be sent. */
export function readPolicy(
  form: PolicyForm,
  settings: SettingsView,
  main: string,
): { readonly problems: PolicyProblems; readonly change: PolicyChange } {
  const problems: PolicyProblems = {};
  const feeBps = parsePercent(form.fee);
  if (feeBps === undefined) problems.fee = 'Write a percentage from 0 to 100 with at most two decimals, like 7.00.';
  const pollMinutes = wholeNumber(form.pollMinutes, 1, 1440);
  if (pollMinutes === undefined) problems.pollMinutes = 'Write whole minutes from 1 to 1440 (one day).';
  const chunk = parseAmount(form.migrationChunk, main);
  if (chunk === undefined || BigInt(chunk) <= 0n) {
    problems.migrationChunk = `Write an amount of ${main.toUpperCase()} above zero.`;
  }
  const payoutMinimum: Record<string, string> = {};
  for (const { currency, amount } of form.minimums) {
    const minor = parseAmount(amount, currency);
    if (minor === undefined || BigInt(minor) < 0n) {
      problems[`minimum:${currency}`] = `Write an amount of ${currency.toUpperCase()}, zero or more.`;
    } else payoutMinimum[currency] = minor;
  }
  if (Object.keys(problems).length > 0 || feeBps === undefined || pollMinutes === undefined || chunk === undefined) {
    return { problems, change: {} };
  }
  const change: PolicyChange = {
    ...(form.rail === settings.rail ? {} : { rail: form.rail }),
    ...(form.fundingBasis === settings.fundingBasis ? {} : { fundingBasis: form.fundingBasis }),
    ...(feeBps === settings.feeBps ? {} : { feeBps }),
    ...(sameAmounts(payoutMinimum, settings.payoutMinimum) ? {} : { payoutMinimum }),
    ...(chunk === settings.migrationChunk ? {} : { migrationChunk: chunk }),
    ...(pollMinutes === settings.pollMinutes ? {} : { pollMinutes }),
  };
  return { problems, change };
}

function sameAmounts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const codes = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...codes].every((code) => a[code] === b[code]);
}
