import { renderAccount } from '../objects/accounts';
import type { AccountRecord } from '../state/records';
import { emit, emitCapability } from './events';
import type { Work } from './work';

/** A connected account. Where payouts are not enabled, every way of paying it is closed unless said otherwise. */
export function newAccount(
  id: string,
  created: number,
  fields: { displayName: string | null; payoutsEnabled: boolean },
): AccountRecord {
  const enabled = fields.payoutsEnabled;
  return {
    id,
    created,
    display_name: fields.displayName,
    email: null,
    country: 'US',
    payouts_enabled: enabled,
    transfers: enabled ? 'active' : 'inactive',
    bank_accounts: enabled ? 'active' : 'restricted',
    cards: enabled ? 'unsupported' : 'restricted',
    currently_due: enabled ? [] : ['individual.verification.document'],
    disabled_reason: enabled ? null : 'requirements.past_due',
    metadata: {},
  };
}

export type AccountChange = Partial<Omit<AccountRecord, 'id' | 'created'>>;

/** Creates the account or changes the given fields; a change emits `account.updated`. */
export function saveAccount(work: Work, id: string, change: AccountChange): AccountRecord {
  const { state } = work;
  const before = state.accounts.get(id);
  const enabled = change.payouts_enabled;
  const standing =
    before === undefined || (enabled !== undefined && enabled !== before.payouts_enabled)
      ? newAccount(id, work.now, { displayName: null, payoutsEnabled: enabled ?? true })
      : before;
  const after: AccountRecord = {
    ...standing,
    ...(before === undefined
      ? {}
      : {
          created: before.created,
          display_name: before.display_name,
          email: before.email,
          country: before.country,
          metadata: before.metadata,
        }),
    ...change,
  };
  state.accounts.put(after);
  if (before !== undefined) {
    emit(work, 'account.updated', renderAccount(after), previousOf(before));
    if (before.bank_accounts !== after.bank_accounts) emitCapability(work, id, 'bank_accounts.local');
    if (before.cards !== after.cards) emitCapability(work, id, 'cards');
  }
  return after;
}

function previousOf(before: AccountRecord) {
  const { payouts_enabled, requirements, capabilities } = renderAccount(before);
  return { payouts_enabled, requirements, capabilities };
}
