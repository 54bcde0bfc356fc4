import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import './button.css';

export interface IconButtonProps {
  /** What it does, as a verb; it is the accessible name and the tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
  readonly slot?: string;
}

export function IconButton({ label, icon, ...rest }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton {...rest} className="icon-button" aria-label={label}>
        <span aria-hidden="true" className="button-icon">
          {icon}
        </span>
      </AriaButton>
      <Tooltip className="tooltip" offset={4}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
