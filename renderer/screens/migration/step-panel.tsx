import type { ReactNode } from 'react';
import { Panel } from '../../components';

interface StepPanelProps {
  readonly title: string;
  /** What the step is for, one sentence. */
  readonly purpose: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons: the one that goes on comes first. */
  readonly footer?: ReactNode;
}

/** A step of the wizard: what it is for, what it shows, how to go on. The buttons stay in sight. */
export function StepPanel({ title, purpose, actions, children, footer }: StepPanelProps) {
  return (
    <div className="wizard-step">
      <Panel
        title={title}
        {...(actions === undefined ? {} : { actions })}
        {...(footer === undefined ? {} : { footer: <div className="row">{footer}</div> })}
      >
        <div className="stack">
          <p className="wizard-purpose">{purpose}</p>
          {children}
        </div>
      </Panel>
    </div>
  );
}
