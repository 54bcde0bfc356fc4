import type { FailureView } from '../../shared/contract';
import { Banner } from './banner';
import { Button } from './button';

export interface FailureProps {
  readonly failure: FailureView;
  readonly onRetry?: () => void;
  /** What the button says; default "Try again". Never offer it for an unknown outcome of a payment. */
  readonly retryLabel?: string;
}

/** What went wrong, in place, with the next step. */
export function Failure({ failure, onRetry, retryLabel = 'Try again' }: FailureProps) {
  return (
    <Banner
      tone="bad"
      live
      title={failure.message}
      actions={onRetry !== undefined && <Button onPress={onRetry}>{retryLabel}</Button>}
    >
      {failure.hint}
    </Banner>
  );
}
