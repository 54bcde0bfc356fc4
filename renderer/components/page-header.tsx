import type { ReactNode } from 'react';
import './page-header.css';

export interface PageHeaderProps {
  readonly title: string;
  /** One sentence: what the screen answers, or the state of what it shows. */
  readonly subtitle?: ReactNode;
  /** Period and currency choice, left of the actions. */
  readonly filters?: ReactNode;
  readonly actions?: ReactNode;
}

/** The heading of a screen. The frame moves focus to it when the screen changes. */
export function PageHeader({ title, subtitle, filters, actions }: PageHeaderProps) {
  return (
    <header className="page-header">
      <div className="page-header-words">
        <h1 id="screen-title" tabIndex={-1}>
          {title}
        </h1>
        {subtitle !== undefined && <p>{subtitle}</p>}
      </div>
      {filters !== undefined && <div className="row">{filters}</div>}
      {actions !== undefined && <div className="row">{actions}</div>}
    </header>
  );
}
