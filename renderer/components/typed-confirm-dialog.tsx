import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import type { FailureView } from '../../shared/contract';
import { beginsToConfirm, confirms } from '../../shared/domain/confirmation';
import { Button, type ButtonProps } from './button';
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
  /** Called with what was typed: `expected`, but for spaces and thousands separators. */
  readonly onConfirm: (typed: string) => void;
  readonly onCancel: () => void;
}

/**
 * Executing a migration, releasing payouts and closing a period: restates what moves and asks to type it.
 * Focus starts on Cancel, and whoever begins to type there types into the field; the action is possible only once the text is right;
 * what was typed stays after an error.
 */
export function TypedConfirmDialog(props: TypedConfirmDialogProps) {
  return props.isOpen ? <Open {...props} /> : null;
}

function Open(props: TypedConfirmDialogProps) {
  const { title, restatement, children, expected, action, isBusy = false, error, onConfirm, onCancel } = props;
  const { hint = 'The amount, a space and the period, exactly as written above.' } = props;
  // What was typed for another text (a choice in the dialog changed it) does not count for this one.
  const [written, write] = useState({ expected, text: '' });
  const typed = written.expected === expected ? written.text : '';
  const right = expected !== '' && confirms(typed, expected);
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      isOpen
      onClose={onCancel}
      title={title}
      role="alertdialog"
      width={520}
      cancel={
        <Button autoFocus onPress={onCancel} onKeyDown={typesInto(field)}>
          Cancel
        </Button>
      }
      action={
        <Button kind="danger" isDisabled={!right} isBusy={isBusy} onPress={() => onConfirm(typed)}>
          {action}
        </Button>
      }
    >
      <KeyValue items={restatement} />
      {children}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (right && !isBusy) onConfirm(typed);
        }}
      >
        <TextField className="field" value={typed} onChange={(text) => write({ expected, text })} maxLength={200}>
          <Label className="field-label">
            To go on, type <code className="field-code">{expected}</code>
          </Label>
          <Input ref={field} className="field-input field-typed" autoComplete="off" spellCheck="false" />
          <Text slot="description" className="field-hint">
            {typed === '' || right ? hint : beginsToConfirm(typed, expected) ? 'Right so far.' : `Not ${expected} yet.`}
          </Text>
        </TextField>
      </form>
      {error !== undefined && <Failure failure={error} />}
    </Dialog>
  );
}

/** A letter or digit typed on a button belongs into the field; Space and Enter press the button. */
function typesInto(field: RefObject<HTMLInputElement | null>) {
  return (event: Parameters<NonNullable<ButtonProps['onKeyDown']>>[0]): void => {
    if (/^[\p{L}\p{N}]$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) field.current?.focus();
    // React Aria would keep the key to the button: Escape closes the dialog.
    event.continuePropagation();
  };
}
