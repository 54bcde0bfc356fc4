/**
 * A creator's statement as a page to print: one document, no script, the same state gives the same text. Amounts are written in
 * accounting form with the currency in the heading; A4.
 */
import type { CreatorStatement } from '../../shared/contract';
import type { Mode } from '../../shared/contract/app';
import type { EarningsForUser } from '../../shared/contract/people';
import { grouped } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import { escapeMarkup } from './markup';

export interface StatementPage {
  readonly html: string;
  /** Stands at the foot of every page, as plain text. */
  readonly footer: string;
}

export interface StatementFacts {
  readonly mode: Mode;
  /** The reading or closing that the figures are of. */
  readonly asOf: Date;
  /** Only this month; null: every month. */
  readonly period: string | null;
}

type Totals = { readonly currencies: readonly Omit<EarningsForUser['currencies'][number], 'lifetime'>[] };

export function statementPage(statement: CreatorStatement, totals: Totals, facts: StatementFacts): StatementPage {
  const { creatorId, displayName, email, stripeAccount, holdReason } = statement;
  const { mode, period } = facts;
  const asOf = `${facts.asOf.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const covered = period === null ? 'All months' : period;
  const inPeriod = <Row extends { readonly period: string }>(rows: readonly Row[]) =>
    rows.filter((row) => period === null || row.period === period);
  const own: CreatorStatement = {
    ...statement,
    earnings: inPeriod(statement.earnings),
    payouts: inPeriod(statement.payouts),
    allocations: inPeriod(statement.allocations),
  };
  const currencies = [
    ...new Set([...own.earnings, ...own.payouts, ...own.allocations].map((one) => one.currency)),
  ].sort();
  const notes = [
    mode === 'live' ? '' : `${mode.toUpperCase()}: no real money.`,
    holdReason === '' ? '' : `On hold: ${holdReason}.`,
    own.earnings.some((row) => row.provisional) ? 'The open month is provisional.' : '',
  ].filter((note) => note !== '');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Statement of ${escapeMarkup(displayName)}, ${escapeMarkup(covered)}</title>
<style>${STYLE}</style></head><body>
<header><div><p class="kind">Statement of earnings</p><h1>${escapeMarkup(displayName)}</h1></div>
<dl>${labelled([
    ['Months', covered],
    ['As of', asOf],
  ])}</dl></header>
${notes.map((note) => `<p class="note">${escapeMarkup(note)}</p>`).join('\n')}
<dl class="who">${labelled([
    ['Creator', creatorId],
    ['E-mail', email === '' ? '—' : email],
    ['Stripe account', stripeAccount === '' ? 'None' : stripeAccount],
  ])}</dl>
${currencies.length === 0 ? '<p>Nothing was allocated, owed or paid.</p>' : ''}
${currencies.map((code) => currencySection(own, totals, code, period === null)).join('\n')}
</body></html>
`;
  return { html, footer: `${displayName} · ${creatorId} · ${covered} · as of ${asOf}` };
}

function currencySection(statement: CreatorStatement, totals: Totals, code: string, whole: boolean): string {
  const of = <Row extends { readonly currency: string }>(rows: readonly Row[]) =>
    rows.filter((row) => row.currency === code);
  const amount = (minor: string) => accounting(minor, code);
  const total = totals.currencies.find((one) => one.currency === code);
  const earnings = of(statement.earnings);
  const payouts = of(statement.payouts);
  const allocations = of(statement.allocations);
  const sum = (rows: readonly { readonly funded: string; readonly unfunded: string; readonly wanted: string }[]) =>
    (['wanted', 'funded', 'unfunded'] as const).map((name) =>
      amount(String(rows.reduce((all, row) => all + BigInt(row[name]), 0n))),
    );
  const parts = [
    `<h2>${escapeMarkup(code.toUpperCase())}</h2>`,
    whole && total !== undefined
      ? table(
          'Totals',
          ['Pending', 'Available', 'Paid through Coffer', 'Held', 'Unfunded'],
          [[total.pending, total.available, total.paid, total.held, total.unfunded].map(amount)],
          [true, true, true, true, true],
        )
      : '',
    table(
      'Earnings',
      ['Month', 'Opening', 'Gross', 'Fee', 'Net', 'Payable', 'Paid', 'Owed after', 'State'],
      earnings.map((row) => [
        row.period,
        ...[row.opening, row.gross, row.fee, row.net, row.payable, row.paid, row.owedAfter].map(amount),
        row.provisional ? 'provisional' : [row.disposition, row.reason].filter((text) => text !== '').join(': '),
      ]),
      [false, true, true, true, true, true, true, true, false],
    ),
    '<p class="rule">Opening + net = payable. Payable − paid = owed after, which opens the next month. Net = gross − fee.</p>',
    table(
      'Payouts',
      ['Month', 'Amount', 'State', 'Settled', 'Stripe id'],
      payouts.map((row) => [
        row.period,
        amount(row.amount),
        row.status,
        row.settledAt?.slice(0, 10) ?? '—',
        row.stripeObject ?? '—',
      ]),
      [false, true, false, false, false],
    ),
    table(
      'Allocations',
      ['Month', 'Subscriber', 'Wanted', 'Funded', 'Unfunded', 'State'],
      allocations.map((row) => [
        row.period,
        row.subscriberName === '' ? row.subscriberId : row.subscriberName,
        ...[row.wanted, row.funded, row.unfunded].map(amount),
        row.status === 'cancelled' ? 'canceled' : 'active',
      ]),
      [false, false, true, true, true, false],
      allocations.length === 0 ? undefined : ['Total', '', ...sum(allocations), ''],
    ),
    statement.allocationCount > statement.allocations.length && whole
      ? `<p class="rule">The newest ${statement.allocations.length} of ${statement.allocationCount} allocations.</p>`
      : '',
  ];
  return `<section>${parts.filter((part) => part !== '').join('\n')}</section>`;
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly boolean[],
  totals?: readonly string[],
): string {
  const cell = (tag: 'th' | 'td', text: string, index: number) =>
    `<${tag}${numeric[index] === true ? ' class="number"' : ''}>${escapeMarkup(text)}</${tag}>`;
  const line = (tag: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${cells.map((text, index) => cell(tag, text, index)).join('')}</tr>`;
  const body =
    rows.length === 0
      ? `<tr><td colspan="${head.length}">None.</td></tr>`
      : rows.map((row) => line('td', row)).join('\n');
  // A row and not a foot of the table: a foot would be printed on every page.
  const total = totals === undefined ? '' : line('td', totals).replace('<tr>', '<tr class="total">');
  return `<h3>${escapeMarkup(title)}</h3><table><thead>${line('th', head)}</thead><tbody>${body}${total}</tbody></table>`;
}

function labelled(items: readonly (readonly [string, string])[]): string {
  return items
    .map(([label, value]) => `<div><dt>${escapeMarkup(label)}</dt><dd>${escapeMarkup(value)}</dd></div>`)
    .join('');
}

/** `1,234.56`, `(1,234.56)`. */
function accounting(minor: string, code: string): string {
  const amount = BigInt(minor);
  const text = grouped(amount < 0n ? -amount : amount, toCurrency(code));
  return amount < 0n ? `(${text})` : text;
}

const STYLE = `
  @page { size: A4; }
  * { box-sizing: border-box; }
  body { margin: 0; color: #161616; background: #fff; font: 8.5pt/1.45 "DejaVu Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif;
    font-size-adjust: 0.5; font-variant-numeric: tabular-nums lining-nums; }
  header { display: flex; justify-content: space-between; align-items: flex-end; border-bottom: 1.5pt solid #161616; padding-bottom: 6pt; }
  h1 { font-size: 17pt; line-height: 1.15; margin: 0; }
  h2 { font-size: 12pt; margin: 14pt 0 0; padding-bottom: 2pt; border-bottom: 0.75pt solid #161616; }
  h3 { font-size: 9.5pt; margin: 10pt 0 3pt; break-after: avoid; }
  p { margin: 0; }
  .kind { color: #525252; letter-spacing: 0.04em; margin-bottom: 2pt; }
  .note { margin-top: 6pt; padding: 4pt 6pt; border-left: 3pt solid #b28600; background: #fcf4d6; }
  .rule { color: #525252; margin-top: 3pt; font-size: 7.5pt; }
  dl { display: flex; gap: 14pt; margin: 0; }
  dl.who { margin-top: 8pt; }
  dt { color: #525252; font-size: 7.5pt; }
  dd { margin: 0; font-weight: 600; }
  table { width: 100%; border-collapse: collapse; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  th { text-align: left; font-size: 7.5pt; color: #525252; border-bottom: 0.75pt solid #8d8d8d; padding: 2pt 4pt; }
  td { border-bottom: 0.5pt solid #e0e0e0; padding: 2pt 4pt; vertical-align: top; }
  th:first-child, td:first-child { padding-left: 0; }
  th:last-child, td:last-child { padding-right: 0; }
  .number { text-align: right; white-space: nowrap; }
  .total td { font-weight: 600; border-top: 0.75pt solid #161616; border-bottom: 0; }
`;
