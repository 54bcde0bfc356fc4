import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  type PressEvent,
  ProgressBar,
} from 'react-aria-components';
import './button.css';

export interface ButtonProps {
  /** Verb and count: "Pay 41 creators". */
  readonly children: ReactNode;
  readonly onPress?: (event: PressEvent) => void;
  readonly onKeyDown?: AriaButtonProps['onKeyDown'];
  /** primary: the one next step of a screen; danger: moves money or cannot be undone; quiet: in toolbars and rows. */
  readonly kind?: 'primary' | 'secondary' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  readonly icon?: ReactNode;
  readonly isDisabled?: boolean;
  /** Busy: stays focusable, does nothing, is announced as busy. */
  readonly isBusy?: boolean;
  readonly autoFocus?: boolean;
  readonly label?: string;
  readonly id?: string;
}

export function Button(props: ButtonProps) {
  const { children, kind = 'secondary', icon, isBusy = false, label, ...rest } = props;
  return (
    <AriaButton {...rest} className={`button button-${kind}`} isPending={isBusy} aria-label={label}>
      {icon !== undefined && (
        <span className="button-icon" aria-hidden="true">
          {icon}
        </span>
      )}
      <span>{children}</span>
      {isBusy && <ProgressBar isIndeterminate aria-label="Working" className="button-busy" />}
    </AriaButton>
  );
}
