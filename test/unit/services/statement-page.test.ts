import { describe, expect, test } from 'vitest';
import { statementPage } from '../../../electron/services/statement-page';
import type { CreatorStatement } from '../../../shared/contract';

const statement: CreatorStatement = {
  creatorId: 'c001',
  displayName: 'Ada <b>Okafor</b> & "Co"',
  email: 'c001@creators.example',
  stripeAccount: 'acct_c001',
  holdReason: '',
  earnings: [
    {
      period: '2026-10',
      currency: 'usd',
      gross: '22956',
      fee: '1607',
      net: '21349',
      opening: '-500',
      payable: '20849',
      paid: '20849',
      owedAfter: '0',
      disposition: 'paid',
      reason: '',
      provisional: false,
    },
  ],
  allocations: ['2026-10', '2026-09'].map((period) => ({
    allocationId: `al_${period}`,
    period,
    subscriberId: 's1',
    subscriberName: '=HYPERLINK("x")',
    creatorId: 'c001',
    creatorName: 'Ada',
    currency: 'usd',
    wanted: '432',
    funded: '432',
    unfunded: '0',
    status: 'active',
    updatedAt: `${period}-16T00:00:00.000Z`,
  })),
  allocationCount: 2,
  payouts: [],
};
const totals = {
  creatorId: 'c001',
  currencies: [{ currency: 'usd', pending: '0', available: '0', paid: '20849', held: '0', unfunded: '0' }],
};
const facts = { mode: 'sandbox', asOf: new Date('2026-11-03T15:00:00.000Z'), period: null } as const;

describe('the page of a statement', () => {
  test('writes amounts in accounting form, with the month, the totals and the time the figures are of', () => {
    const { html, footer } = statementPage(statement, totals, facts);
    expect(html).toContain('<td class="number">229.56</td>');
    expect(html).toContain('<td class="number">(5.00)</td>');
    expect(html).toContain('As of</dt><dd>2026-11-03 15:00 UTC');
    expect(html).toContain('SANDBOX: no real money.');
    expect(footer).toContain('c001 · All months · as of 2026-11-03 15:00 UTC');
  });

  test('lets no name become markup', () => {
    const { html } = statementPage(statement, totals, facts);
    expect(html).not.toContain('<b>Okafor');
    expect(html).toContain('Ada &#60;b&#62;Okafor&#60;/b&#62; &#38; &#34;Co&#34;');
  });

  test('of one month has the lines of that month only, and no totals over all months', () => {
    const { html } = statementPage(statement, totals, { ...facts, period: '2026-10' });
    expect(html.match(/<td>2026-10<\/td>/g)).toHaveLength(2);
    expect(html).not.toContain('<td>2026-09</td>');
    expect(html).not.toContain('<h3>Totals</h3>');
  });

  test('is the same for the same state', () => {
    expect(statementPage(statement, totals, facts)).toEqual(statementPage(statement, totals, facts));
  });
});
