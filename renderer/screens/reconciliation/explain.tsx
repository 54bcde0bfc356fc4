import { useState } from 'react';
import type {
  CorrectionAccount,
  ExceptionDetail,
  ReconciliationRow,
  ReconciliationSummary,
} from '../../../shared/contract';
import { Amount, Button, Failure, RadioField, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';

interface ExplainProps {
  readonly period: string;
  readonly line: ReconciliationRow;
  /** Undefined until it has arrived. */
  readonly detail: ExceptionDetail | undefined;
  readonly onClose: () => void;
  readonly onResolved: (summary: ReconciliationSummary) => void;
}

const accounts = [
  { id: 'platform-funds', label: 'Platform funds' },
  { id: 'stripe-costs', label: 'Stripe’s costs' },
] as const;

/** The explanation of an exception, with the entries that it posts. */
export function Explain({ period, line, detail, onClose, onResolved }: ExplainProps) {
  const resolve = useAction('reconciliation.resolve');
  const [explanation, setExplanation] = useState('');
  const [chosen, setChosen] = useState<CorrectionAccount>();
  const [asked, setAsked] = useState(false);
  const tooShort = explanation.trim().length < 3;
  const submit = async () => {
    setAsked(true);
    if (tooShort) return;
    const result = await resolve.run({
      period,
      lineId: line.lineId,
      explanation: explanation.trim(),
      ...(chosen === undefined ? {} : { account: chosen }),
    });
    if (!result.ok) return;
    onResolved(result.value);
    listsChanged();
    tell('Explained 1 exception', explanation.trim());
    onClose();
  };
  return (
    <form
      className="explain"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h3>Explanation</h3>
      <p className="muted">
        The line stays as it is. What you write is added to it and to the audit log with your name, and goes into the
        binder that the auditor reads.
      </p>
      <TextField
        label="What this line is, and why it is right"
        hint="For example: top-up by treasury on 12 October, bank advice 4711."
        value={explanation}
        onChange={setExplanation}
        rows={4}
        maxLength={500}
        autoFocus
        {...(asked && tooShort ? { error: 'Write what the line is, in three letters or more.' } : {})}
      />
      {detail !== undefined && detail.correction.length > 0 && (
        <>
          <RadioField
            label="The other side of the correction"
            value={chosen ?? detail.account}
            onChange={setChosen}
            options={[...accounts]}
          />
          <p>
            Posts{' '}
            {detail.correction.map(({ currency, amount }, index) => (
              <span key={currency}>
                {index > 0 && ' and '}
                <Amount value={amount} currency={currency} showCurrency />
              </span>
            ))}{' '}
            to {line.side === 'storage' || line.type === 'not in storage' ? 'Storage' : 'Payments'}, as new entries of
            the open month.
          </p>
        </>
      )}
      {resolve.error !== undefined && <Failure failure={resolve.error} />}
      <div className="row">
        <Button kind="primary" type="submit" isBusy={resolve.busy}>
          Explain 1 exception
        </Button>
        <Button onPress={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
