import type { ReactNode } from 'react';
import './banner.css';
import { StatusShape } from './status-pill';

export interface BannerProps {
  readonly tone: 'information' | 'attention' | 'bad' | 'good';
  readonly title: ReactNode;
  /** What it means and what to do next. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Announces itself at once (an error after an action). */
  readonly live?: boolean;
}

/** A message that stays in place until its cause is gone. */
export function Banner({ tone, title, children, actions, live = false }: BannerProps) {
  return (
    <div className={`banner tone-${tone}`} role={live ? 'alert' : undefined}>
      <StatusShape tone={tone} size={16} />
      <div className="banner-words">
        <strong>{title}</strong>
        {children !== undefined && <div>{children}</div>}
      </div>
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}
