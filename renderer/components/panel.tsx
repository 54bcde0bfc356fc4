import { type ReactNode, useId } from 'react';
import './panel.css';

export interface PanelProps {
  readonly title?: ReactNode;
  /** Right of the title: buttons, a pill, a currency. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** flush: no inner space, for tables. */
  readonly flush?: boolean;
  /** Takes the height that is left over (inside a screen with `fills`). */
  readonly grows?: boolean;
  readonly footer?: ReactNode;
}

/** A titled section of a screen. */
export function Panel({ title, actions, children, flush = false, grows = false, footer }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel${grows ? ' panel-grows' : ''}`} aria-labelledby={title === undefined ? undefined : id}>
      {(title !== undefined || actions !== undefined) && (
        <header className="panel-header">
          {title !== undefined && <h2 id={id}>{title}</h2>}
          {actions !== undefined && <div className="panel-actions">{actions}</div>}
        </header>
      )}
      <div className={flush ? 'panel-body panel-flush' : 'panel-body'}>{children}</div>
      {footer !== undefined && <footer className="panel-footer">{footer}</footer>}
    </section>
  );
}
