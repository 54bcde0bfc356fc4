import type { MonthEndStep, MonthEndView, StepView } from '../../../shared/contract';
import { Button, Failure, ScreenLink, StatusPill } from '../../components';
import { useAction } from '../../state/coffer';
import './findings.css';
import { findingLink } from './steps';

interface FindingsProps {
  readonly period: string;
  readonly step: StepView;
  readonly onView: (view: MonthEndView) => void;
  /** Past months are read, not worked on. */
  readonly readOnly: boolean;
}

/** What stops a step, and what a person has to have read before the next one. */
export function Findings({ period, step, onView, readOnly }: FindingsProps) {
  if (step.blockers.length === 0 && step.warnings.length === 0) return null;
  return (
    <ul className="findings" aria-label={`Blockers and warnings of ${step.title}`}>
      {step.blockers.map((blocker) => (
        <li key={blocker.code}>
          <span>
            <StatusPill tone="bad">Blocks</StatusPill>
          </span>
          <div>
            <strong>{blocker.message}</strong>
            <p>
              {blocker.action} <Link code={blocker.code} period={period} />
            </p>
          </div>
        </li>
      ))}
      {step.warnings.map((warning) => (
        <WarningRow
          key={warning.code}
          period={period}
          step={step.step}
          warning={warning}
          onView={onView}
          readOnly={readOnly}
        />
      ))}
    </ul>
  );
}

interface WarningRowProps {
  readonly period: string;
  readonly step: MonthEndStep;
  readonly warning: StepView['warnings'][number];
  readonly onView: (view: MonthEndView) => void;
  readonly readOnly: boolean;
}

function WarningRow({ period, step, warning, onView, readOnly }: WarningRowProps) {
  const acknowledge = useAction('monthEnd.acknowledge');
  return (
    <li>
      <span>
        <StatusPill tone={warning.acknowledged ? 'neutral' : 'attention'}>Warning</StatusPill>
      </span>
      <div>
        <strong>{warning.message}</strong> <Link code={warning.code} period={period} />
        {acknowledge.error !== undefined && <Failure failure={acknowledge.error} />}
      </div>
      <div className="findings-act">
        {warning.acknowledged ? (
          <StatusPill tone="good">Acknowledged</StatusPill>
        ) : (
          !readOnly && (
            <Button
              isBusy={acknowledge.busy}
              label={`Acknowledge: ${warning.message}`}
              onPress={async () => {
                const done = await acknowledge.run({ period, step, code: warning.code });
                if (done.ok) onView(done.value);
              }}
            >
              Acknowledge
            </Button>
          )
        )}
      </div>
    </li>
  );
}

function Link({ code, period }: { readonly code: string; readonly period: string }) {
  const link = findingLink(code, period);
  return link === undefined ? null : (
    <ScreenLink to={link.to} params={link.params}>
      {link.words}
    </ScreenLink>
  );
}
