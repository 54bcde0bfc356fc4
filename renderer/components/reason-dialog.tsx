import { type ReactNode, useState } from 'react';
import type { FailureView } from '../../shared/contract';
import { Button } from './button';
import { Dialog } from './dialog';
import { Failure } from './failure';
import { TextField } from './field';

export interface ReasonDialogProps {
  readonly title: string;
  /** What it is about and what it does; a function learns whether the person asked to go on already, and may then complain. */
  readonly children: ReactNode | ((asked: boolean) => ReactNode);
  /** False: what `children` ask for is not complete, and nothing is sent. */
  readonly isComplete?: boolean;
  /** Of the field: "Reason for the hold". */
  readonly label: string;
  readonly hint: string;
  /** What to write, said when it is missing or shorter than three letters. */
  readonly missing: string;
  readonly maxLength?: number;
  /** The verb with its count: "Hold 1 creator". */
  readonly action: string;
  /** Cannot simply be taken back: begins on Cancel, not on the field. */
  readonly danger?: boolean;
  readonly isBusy: boolean;
  readonly error: FailureView | undefined;
  readonly onSubmit: (reason: string) => void;
  readonly onClose: () => void;
}

/** For what needs a reason that an auditor reads later; what was typed stays after an error. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, children, label, hint, missing, maxLength = 500, action, danger = false } = props;
  const { isComplete = true, isBusy, error, onSubmit, onClose } = props;
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState(false);
  const reason = typed.trim();
  const short = reason.length < 3;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      cancel={
        <Button autoFocus={danger} onPress={onClose}>
          Cancel
        </Button>
      }
      action={
        <Button
          kind={danger ? 'danger' : 'primary'}
          isBusy={isBusy}
          onPress={() => {
            setAsked(true);
            if (!short && isComplete) onSubmit(reason);
          }}
        >
          {action}
        </Button>
      }
    >
      {typeof children === 'function' ? children(asked) : children}
      <TextField
        label={label}
        hint={hint}
        value={typed}
        onChange={setTyped}
        rows={3}
        maxLength={maxLength}
        autoFocus={!danger}
        {...(asked && short ? { error: missing } : {})}
      />
      {error !== undefined && <Failure failure={error} />}
    </Dialog>
  );
}
