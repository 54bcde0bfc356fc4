import { useState } from 'react';
import type { PayoutDetail } from '../../../shared/contract';
import { confirmationText } from '../../../shared/domain/confirmation';
import { currency as toCurrency } from '../../../shared/money/money';
import {
  Amount,
  amountsText,
  CheckField,
  counted,
  payoutWords,
  sumsByCurrency,
  TypedConfirmDialog,
} from '../../components';
import { useAction } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';
import './retry-dialog.css';

interface RetryDialogProps {
  /** Payouts of one period that may be retried; at least one. */
  readonly payouts: readonly PayoutDetail[];
  readonly onClose: () => void;
  readonly onRetried?: () => void;
}

/** Restates what will be paid again and lets a person leave some out. The old payouts are never edited. */
export function RetryDialog({ payouts, onClose, onRetried }: RetryDialogProps) {
  const retry = useAction('payouts.retry');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = payouts.filter((one) => !left.has(one.intentId));
  const period = payouts.at(0)?.period ?? '';
  const sums = sumsByCurrency(chosen);
  const toggle = (intentId: string, selected: boolean) =>
    setLeft((before) => {
      const after = new Set(before);
      if (selected) after.delete(intentId);
      else after.add(intentId);
      return after;
    });
  const confirm = async (typed: string) => {
    const result = await retry.run({ period, intentIds: chosen.map((one) => one.intentId), typed });
    if (!result.ok) return;
    tell(`Retried ${counted(chosen.length, 'payout')}`, `${amountsText(sums)}, period ${period}, in a new batch.`);
    listsChanged();
    onRetried?.();
    onClose();
  };
  return (
    <TypedConfirmDialog
      isOpen
      title={`Retry ${counted(chosen.length, 'payout')}`}
      restatement={[
        { label: 'Period', value: period, numeric: true },
        ...(chosen.length === 1
          ? [{ label: 'Creator', value: chosen[0]?.displayName ?? '', numeric: true }]
          : [{ label: 'Payouts', value: chosen.length.toLocaleString('en'), numeric: true }]),
        ...sums.map(({ currency, amount }) => ({
          label: `Out of Storage, ${currency.toUpperCase()}`,
          value: <Amount value={amount} currency={currency} />,
          numeric: true,
          strong: true,
        })),
      ]}
      expected={confirmationText(
        sums.map(({ currency, amount }) => ({ currency: toCurrency(currency), amount: BigInt(amount) })),
        period,
      )}
      action={`Retry ${counted(chosen.length, 'payout')}`}
      isBusy={retry.busy}
      {...(retry.error === undefined ? {} : { error: retry.error })}
      onConfirm={confirm}
      onCancel={onClose}
    >
      <p className="muted">A new batch is linked to the old payouts, which stay as they are.</p>
      {payouts.length > 1 && (
        <fieldset className="retry-list">
          <legend className="visually-hidden">Payouts to retry</legend>
          {payouts.map((one) => (
            <div key={one.intentId} className="retry-line">
              <CheckField
                label={`${one.displayName}, ${payoutWords[one.status].word.toLowerCase()}`}
                isSelected={!left.has(one.intentId)}
                isDisabled={chosen.length === 1 && chosen[0] === one}
                onChange={(selected) => toggle(one.intentId, selected)}
              />
              <Amount value={one.amount} currency={one.currency} showCurrency />
            </div>
          ))}
        </fieldset>
      )}
    </TypedConfirmDialog>
  );
}
