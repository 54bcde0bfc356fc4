/** The accounts of Coffer's ledger in words (electron/ledger/accounts.ts has the chart). */
const names: Readonly<Record<string, string>> = {
  payments: 'Payments',
  storage: 'Storage',
  inbound: 'Inbound pending',
  outbound: 'Outbound pending',
  undistributed: 'Undistributed receipts',
  'revenue:fee': 'Revenue, platform fee',
  'revenue:lapsed': 'Revenue, lapsed funds',
  'stripe-costs': 'Stripe’s costs',
};

/** `owed:c043` → `Owed to c043`. An account that is not known is shown as it is. */
export function accountText(account: string): string {
  const [kind = '', ...rest] = account.split(':');
  const subject = rest.join(':');
  if (kind === 'owed' && subject !== '') return `Owed to ${subject}`;
  if (kind === 'suspense' && subject !== '') return `Suspense for ${subject}`;
  return names[account] ?? account;
}
