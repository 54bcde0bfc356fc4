import { refused } from '../http/errors';
import { renderTransfer } from '../objects/movements';
import type { AccountRecord, ReversalRecord, TransferRecord } from '../state/records';
import { emit } from './events';
import { paymentsLine } from './ledger-lines';
import type { Work } from './work';

export interface NewTransfer {
  readonly amount: bigint;
  readonly currency: string;
  readonly destination: AccountRecord;
  readonly description: string | null;
  readonly transferGroup: string | null;
  readonly sourceTransaction: string | null;
  readonly sourceType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Moves available Payments money to a connected account, at once. A transfer has no status. */
export function createTransfer(work: Work, wanted: NewTransfer): TransferRecord {
  const { state, now } = work;
  const { destination } = wanted;
  if (destination.transfers !== 'active' || !destination.payouts_enabled) {
    throw refused(
      'insufficient_capabilities_for_transfer',
      'Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments',
    );
  }
  if (state.balances.get('payments_available', wanted.currency) < wanted.amount) {
    throw refused(
      'balance_insufficient',
      'You have insufficient available funds in your Stripe account. Try adding funds directly to your available ' +
        'balance by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance',
    );
  }
  const id = state.newId('tr_');
  const movement = paymentsLine(work, {
    type: 'transfer',
    amount: -wanted.amount,
    currency: wanted.currency,
    source: id,
    description: wanted.description,
    against: [{ place: `recipient:${destination.id}`, amount: wanted.amount }],
  });
  const row: TransferRecord = {
    id,
    created: now,
    amount: wanted.amount,
    reversed: 0n,
    currency: wanted.currency,
    destination: destination.id,
    destination_payment: state.newId('py_'),
    balance_transaction: movement.id,
    description: wanted.description,
    transfer_group: wanted.transferGroup,
    source_transaction: wanted.sourceTransaction,
    source_type: wanted.sourceType,
    metadata: { ...wanted.metadata },
  };
  state.transfers.put(row);
  emit(work, 'transfer.created', renderTransfer(row, []));
  return row;
}

/** Takes some or all of a transfer back. `amount` defaults to what is left of it. */
export function reverseTransfer(
  work: Work,
  row: TransferRecord,
  wanted: { amount: bigint | null; description: string | null; metadata: Readonly<Record<string, string>> },
): ReversalRecord {
  const { state, now } = work;
  const left = row.amount - row.reversed;
  if (left === 0n) throw refused(undefined, `The transfer ${row.id} is already fully reversed.`);
  const amount = wanted.amount ?? left;
  if (amount > left) {
    throw refused(
      undefined,
      `Transfer reversal amount (${amount}) is greater than unreversed amount on transfer (${left})`,
      'amount',
    );
  }
  if (state.balances.get(`recipient:${row.destination}`, row.currency) < amount) {
    throw refused('balance_insufficient', 'The connected account has insufficient funds to reverse this transfer.');
  }
  const id = state.newId('trr_');
  const movement = paymentsLine(work, {
    type: 'transfer_refund',
    category: 'transfer_reversal',
    amount,
    currency: row.currency,
    source: id,
    description: wanted.description ?? `REFUND FOR TRANSFER (${row.id})`,
    against: [{ place: `recipient:${row.destination}`, amount: -amount }],
  });
  const reversal: ReversalRecord = {
    id,
    created: now,
    amount,
    currency: row.currency,
    transfer: row.id,
    balance_transaction: movement.id,
    metadata: { ...wanted.metadata },
  };
  state.reversals.put(reversal);
  const after: TransferRecord = { ...row, reversed: row.reversed + amount };
  state.transfers.put(after);
  const type = after.reversed === after.amount ? 'transfer.reversed' : 'transfer.updated';
  emit(work, type, renderTransfer(after, state.reversals.by('transfer', row.id)));
  return reversal;
}
