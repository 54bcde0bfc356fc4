import type { Place } from '../state/balances';
import type { SandboxState } from '../state/state';

/** `GET /_sandbox/state`: balances as decimal strings of minor units, counts, clock and the ids a test needs. */
export function describeState(state: SandboxState): unknown {
  const perCurrency = (place: Place): Record<string, string> =>
    Object.fromEntries(
      state.balances.currencies().map((currency) => [currency, state.balances.get(place, currency).toString()]),
    );
  const recipients: Record<string, Record<string, string>> = {};
  for (const [account, amount] of state.balances.entries()) {
    const match = /^recipient:(.+):([a-z]{3})$/.exec(account);
    if (match === null) continue;
    const [, id = '', currency = ''] = match;
    recipients[id] = { ...recipients[id], [currency]: amount.toString() };
  }
  const { platform } = state;
  return {
    account: platform.account,
    bank_account: platform.bank_account,
    financial_account: platform.financial_account,
    holds_currencies: platform.holds_currencies,
    clock: { now: new Date(state.clock.now()).toISOString(), offset_seconds: platform.clock_offset / 1000 },
    payments: { available: perCurrency('payments_available'), pending: perCurrency('payments_pending') },
    storage: {
      available: perCurrency('storage_available'),
      inbound_pending: perCurrency('storage_inbound'),
      outbound_pending: perCurrency('storage_outbound'),
    },
    recipients,
    recipients_total: totals(recipients),
    world: perCurrency('world'),
    counts: state.counts(),
  };
}

function totals(recipients: Record<string, Record<string, string>>): Record<string, string> {
  const sums: Record<string, bigint> = {};
  for (const amounts of Object.values(recipients)) {
    for (const [currency, amount] of Object.entries(amounts)) sums[currency] = (sums[currency] ?? 0n) + BigInt(amount);
  }
  return Object.fromEntries(Object.entries(sums).map(([currency, total]) => [currency, total.toString()]));
}
