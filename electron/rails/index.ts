import type { StripeClient } from '../stripe/client';
import { EARMARK, EarmarkRail } from './earmark';
import { FINANCIAL_ACCOUNT, FinancialAccountRail, type FinancialAccountSettings } from './financial-account';
import type { RailCapabilities, RailName, SegregationRail } from './segregation-rail';

/** What each rail can do, for screens that need no connection. */
export const RAILS: Readonly<Record<RailName, RailCapabilities>> = {
  'financial-account': FINANCIAL_ACCOUNT,
  earmark: EARMARK,
};

/**
 * A rail over a client. `financial-account` looks for the storage account unless `storageAccount` names it; only then
 * does this call Stripe, and throws `StripeUnavailable` when it cannot be read.
 */
export async function createRail(
  name: RailName,
  client: StripeClient,
  settings: FinancialAccountSettings = { storageAccount: null },
): Promise<SegregationRail> {
  switch (name) {
    case 'financial-account':
      return FinancialAccountRail.open(client, settings);
    case 'earmark':
      return new EarmarkRail(client);
  }
}

export { provingLines } from './guided-match';
export { SAYS_NOTHING_OF_EARLIER_ATTEMPTS } from './outcome';
export type * from './segregation-rail';
