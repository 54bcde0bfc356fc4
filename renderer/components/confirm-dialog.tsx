import type { ReactNode } from 'react';
import type { FailureView } from '../../shared/contract';
import { Button } from './button';
import { Dialog } from './dialog';
import { Failure } from './failure';
import { KeyValue, type KeyValueItem } from './key-value';

export interface ConfirmDialogProps {
  readonly isOpen: boolean;
  /** What will happen: "Cancel this payout". Never "Are you sure?". */
  readonly title: string;
  /** The amounts, periods and people, restated. */
  readonly restatement: readonly KeyValueItem[];
  readonly children?: ReactNode;
  /** The verb with its count: "Cancel 1 payout". */
  readonly action: string;
  readonly cancelLabel?: string;
  readonly danger?: boolean;
  readonly isBusy?: boolean;
  readonly error?: FailureView;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** Restates and asks for one press; focus starts on Cancel. For migrations, payouts and closing use TypedConfirmDialog. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    isOpen,
    title,
    restatement,
    children,
    action,
    cancelLabel = 'Cancel',
    danger = false,
    isBusy = false,
  } = props;
  const { error, onConfirm, onCancel } = props;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onCancel}
      title={title}
      role="alertdialog"
      cancel={
        <Button autoFocus onPress={onCancel}>
          {cancelLabel}
        </Button>
      }
      action={
        <Button kind={danger ? 'danger' : 'primary'} isBusy={isBusy} onPress={onConfirm}>
          {action}
        </Button>
      }
    >
      {restatement.length > 0 && <KeyValue items={restatement} />}
      {children}
      {error !== undefined && <Failure failure={error} />}
    </Dialog>
  );
}
