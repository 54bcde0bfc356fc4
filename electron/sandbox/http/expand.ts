import { renderAccount } from '../objects/accounts';
import {
  renderBalanceTransaction,
  renderBankAccount,
  renderPayout,
  renderReversal,
  renderTopup,
  renderTransfer,
} from '../objects/movements';
import { renderCharge, renderDispute, renderRefund } from '../objects/payments';
import type { SandboxState } from '../state/state';
import { invalid } from './errors';

/** Fields that hold an id and can be expanded, by the `object` they are on. */
const EXPANDABLE: Readonly<Record<string, readonly string[]>> = {
  balance_transaction: ['source'],
  payout: ['balance_transaction', 'failure_balance_transaction', 'destination', 'original_payout', 'reversed_by'],
  transfer: ['balance_transaction', 'destination', 'source_transaction'],
  transfer_reversal: ['balance_transaction', 'transfer'],
  charge: ['balance_transaction'],
  refund: ['balance_transaction', 'charge'],
  dispute: ['charge'],
  topup: ['balance_transaction'],
};
const DEEPEST = 4;

/** Replaces ids by their objects along each path of `expand[]`, such as `data.balance_transaction`. */
export function expand(state: SandboxState, body: unknown, paths: readonly string[]): unknown {
  return paths.reduce((expanded, path) => {
    const segments = path.split('.');
    if (segments.length > DEEPEST) {
      throw invalid(
        'property_expansion_max_depth',
        `You cannot expand more than ${DEEPEST} levels of a property.`,
        'expand',
      );
    }
    return expandPath(state, expanded, segments, path);
  }, body);
}

function expandPath(state: SandboxState, value: unknown, segments: readonly string[], path: string): unknown {
  const [field, ...rest] = segments;
  if (field === undefined || value === null) return value;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: unknown) => expandPath(state, item, segments, path));
  const object: Record<string, unknown> = { ...value };
  if (field === 'data' && object.object === 'list')
    return { ...object, data: expandPath(state, object.data, rest, path) };
  const current = object[field];
  const allowed = EXPANDABLE[String(object.object)]?.includes(field) ?? false;
  const inner = typeof current === 'object' && current !== null;
  if (!allowed && !(inner && rest.length > 0)) {
    throw invalid(undefined, `This property cannot be expanded (${path}).`, 'expand');
  }
  const found = typeof current === 'string' ? lookUp(state, current) : current;
  return { ...object, [field]: rest.length === 0 ? found : expandPath(state, found, rest, path) };
}

/** The object of an id, or the id itself where the sandbox has no object for it. */
function lookUp(state: SandboxState, id: string): unknown {
  const prefix = id.slice(0, id.indexOf('_') + 1);
  switch (prefix) {
    case 'txn_':
      return present(state.balanceTransactions.get(id), renderBalanceTransaction, id);
    case 'po_':
      return present(state.payouts.get(id), renderPayout, id);
    case 'tr_':
      return present(state.transfers.get(id), (row) => renderTransfer(row, state.reversals.by('transfer', id)), id);
    case 'trr_':
      return present(state.reversals.get(id), renderReversal, id);
    case 'ch_':
      return present(state.charges.get(id), renderCharge, id);
    case 're_':
      return present(state.refunds.get(id), renderRefund, id);
    case 'du_':
      return present(
        state.disputes.get(id),
        (row) => renderDispute(row, state.balanceTransactions.get(row.balance_transaction)),
        id,
      );
    case 'tu_':
      return present(state.topups.get(id), renderTopup, id);
    case 'acct_':
      return present(state.accounts.get(id), renderAccount, id);
    case 'ba_':
      return id === state.platform.bank_account ? renderBankAccount(state.platform) : id;
    default:
      return id;
  }
}

function present<T>(row: T | undefined, render: (row: T) => unknown, id: string): unknown {
  return row === undefined ? id : render(row);
}
