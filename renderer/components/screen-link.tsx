import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { type Params, type ScreenName, useNavigation } from '../state/navigation';
import './screen-link.css';

export interface ScreenLinkProps {
  readonly to: ScreenName;
  readonly params?: Params;
  readonly children: ReactNode;
}

/** Words that lead to another screen. */
export function ScreenLink({ to, params, children }: ScreenLinkProps) {
  const go = useNavigation((navigation) => navigation.go);
  return (
    <AriaButton className="screen-link" onPress={() => go(to, params)}>
      {children}
    </AriaButton>
  );
}
