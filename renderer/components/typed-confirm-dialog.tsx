import { type ReactNode, useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import type { FailureView } from '../../shared/contract';
import { Button } from './button';
import { Dialog } from './dialog';
import { Failure } from './failure';
import './field.css';
import { KeyValue, type KeyValueItem } from './key-value';

export interface TypedConfirmDialogProps {
  readonly isOpen: boolean;
  /** What will happen: "Execute the migration". */
  readonly title: string;
  /** The amounts, the period and the counts, restated. */
  readonly restatement: readonly KeyValueItem[];
  readonly children?: ReactNode;
  /** Exactly what has to be typed, from the plan: `7000.00 2026-10`. */
  readonly expected: string;
  /** The verb with its count: "Pay 41 creators". */
  readonly action: string;
  /** How the text is made up; default: amount and period. */
  readonly hint?: string;
  readonly isBusy?: boolean;
  readonly error?: FailureView;
  /** Called with the typed text, which equals `expected`. */
  readonly onConfirm: (typed: string) => void;
  readonly onCancel: () => void;
}

/**
 * Executing a migration, releasing payouts and closing a period: restates what moves and asks to type it.
 * Focus starts on Cancel; the action is possible only once the text is exactly right; what was typed stays after an error.
 */
export function TypedConfirmDialog(props: TypedConfirmDialogProps) {
  return props.isOpen ? <Open key={props.expected} {...props} /> : null;
}

function Open(props: TypedConfirmDialogProps) {
  const { title, restatement, children, expected, action, isBusy = false, error, onConfirm, onCancel } = props;
  const { hint = 'The amount, a space and the period, exactly as written above.' } = props;
  const [typed, setTyped] = useState('');
  const exact = typed === expected && expected !== '';
  return (
    <Dialog
      isOpen
      onClose={onCancel}
      title={title}
      role="alertdialog"
      width={520}
      cancel={
        <Button autoFocus onPress={onCancel}>
          Cancel
        </Button>
      }
      action={
        <Button kind="danger" isDisabled={!exact} isBusy={isBusy} onPress={() => onConfirm(typed)}>
          {action}
        </Button>
      }
    >
      <KeyValue items={restatement} />
      {children}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (exact && !isBusy) onConfirm(typed);
        }}
      >
        <TextField className="field" value={typed} onChange={setTyped} maxLength={200}>
          <Label className="field-label">
            To go on, type <code className="field-code">{expected}</code>
          </Label>
          <Input className="field-input field-typed" autoComplete="off" spellCheck="false" />
          <Text slot="description" className="field-hint">
            {typed === '' || exact
              ? hint
              : expected.startsWith(typed)
                ? 'Right so far.'
                : 'This is not the text above yet.'}
          </Text>
        </TextField>
      </form>
      {error !== undefined && <Failure failure={error} />}
    </Dialog>
  );
}
