import { refused } from '../http/errors';
import { renderFinancialAccount } from '../objects/balance';
import type { PlatformRecord } from '../state/records';
import type { SandboxState } from '../state/state';
import type { Work } from './work';

/** Opens another financial account for storage, as a person can in the dashboard. */
export function openFurtherAccount({ state, now }: Work, name: string): unknown {
  const row: PlatformRecord['further_accounts'][number] = {
    id: state.newId('fa_test_'),
    created: now,
    name,
    status: 'open',
  };
  state.platforms.put({ ...state.platform, further_accounts: [...state.platform.further_accounts, row] });
  return renderFinancialAccount(state, false, row);
}

/** Money is modelled in the first financial account only: anything to or from another one is refused, not invented. */
export function refuseFurtherAccount(state: SandboxState, id: string, param: string): void {
  if (!state.platform.further_accounts.some((row) => row.id === id)) return;
  throw refused(
    undefined,
    `The embedded Stripe moves money to and from its first financial account only, not ${id}.`,
    param,
  );
}
