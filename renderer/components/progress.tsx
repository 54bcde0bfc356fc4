import { ProgressBar } from 'react-aria-components';
import { Button } from './button';
import './progress.css';

export interface ProgressProps {
  /** What it does now: "Paying creators". */
  readonly label: string;
  readonly done: number;
  /** 0: not known; the bar then shows work without a share. */
  readonly total: number;
  /** Give it only where stopping is safe. */
  readonly onCancel?: () => void;
  /** "Stop after this payout". */
  readonly cancelLabel?: string;
}

export function Progress({ label, done, total, onCancel, cancelLabel = 'Stop' }: ProgressProps) {
  const known = total > 0;
  const count = known
    ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
    : done === 0
      ? ''
      : done.toLocaleString('en');
  return (
    <div className="progress">
      <ProgressBar
        className="progress-bar"
        aria-label={label}
        value={known ? Math.min(done, total) : 0}
        maxValue={known ? total : 1}
        isIndeterminate={!known}
        valueLabel={count}
      >
        {({ percentage }) => (
          <>
            <span className="progress-words">
              <span>{label}</span>
              <span className="numeric">{count}</span>
            </span>
            <span className="progress-track">
              <span
                className={known ? 'progress-fill' : 'progress-fill progress-unknown'}
                style={{ width: known ? `${percentage ?? 0}%` : '30%' }}
              />
            </span>
          </>
        )}
      </ProgressBar>
      {onCancel !== undefined && <Button onPress={onCancel}>{cancelLabel}</Button>}
    </div>
  );
}
