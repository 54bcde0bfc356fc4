import type { LineMovement, ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import { Amount, Drawer, instantText, KeyValue, ScreenLink } from '../../components';
import { ExceptionPart } from './exception-part';
import { classWords, isOpenException, OutcomePill, sides, typeWords } from './outcome';

interface LineDrawerProps {
  readonly period: string;
  readonly line: ReconciliationRow | undefined;
  readonly onClose: () => void;
  readonly onResolved: (summary: ReconciliationSummary) => void;
}

/** One line with all it says; an exception shows both sides, and has a form while nobody explained it. */
export function LineDrawer({ period, line, onClose, onResolved }: LineDrawerProps) {
  return (
    <Drawer
      isOpen={line !== undefined}
      onClose={onClose}
      title={line === undefined ? '' : isOpenException(line) ? 'Explain an exception' : 'Line'}
      width={640}
    >
      {line !== undefined && (
        <>
          <Facts line={line} />
          {line.class !== null && (
            <ExceptionPart key={line.lineId} period={period} line={line} onClose={onClose} onResolved={onResolved} />
          )}
        </>
      )}
    </Drawer>
  );
}

function Facts({ line }: { readonly line: ReconciliationRow }) {
  return (
    <KeyValue
      items={[
        { label: 'Amount', value: <Amount value={line.amount} currency={line.currency} size="large" showCurrency /> },
        { label: 'Outcome', value: <OutcomePill row={line} /> },
        ...(line.class === null ? [] : [{ label: 'Class', value: classWords[line.class] }]),
        { label: 'Balance', value: sides[line.side] },
        { label: 'Type', value: typeWords(line.type) },
        { label: 'Date', value: instantText(line.at) },
        { label: line.side === 'ledger' ? 'Id in the ledger' : 'Stripe id', value: line.stripeId },
        { label: line.resolvedBy === null ? 'What Coffer found' : 'Explanation', value: line.explanation },
        ...(line.resolvedBy === null ? [] : [{ label: 'Explained by', value: line.resolvedBy }]),
        {
          label: 'Movement of ours',
          value: <Movement line={line} />,
        },
      ]}
    />
  );
}

const movementWords: Readonly<Record<LineMovement['kind'], string>> = {
  pay: 'Payout',
  fund: 'Funding of Storage',
  release: 'Return to Payments',
  canary: 'Canary of the migration',
  compensate: 'Rollback of the migration',
  withdraw: 'Withdrawal to the bank account',
};

/** What of ours the line belongs to, leading to where it is shown. */
function Movement({ line: { intentId, movement } }: { readonly line: ReconciliationRow }) {
  if (intentId === null || movement === null) return 'None';
  const { kind, part, period } = movement;
  return (
    <>
      {movementWords[kind]}, {period}.{' '}
      {kind === 'pay' ? (
        <ScreenLink to="payouts" params={{ period, intentId }}>
          Open the payout
        </ScreenLink>
      ) : part === 'migration' ? (
        <ScreenLink to="migration" params={{ step: 'execute' }}>
          Open the migration
        </ScreenLink>
      ) : (
        <ScreenLink to="month-end" params={{ period }}>
          Open the month end of {period}
        </ScreenLink>
      )}
    </>
  );
}
