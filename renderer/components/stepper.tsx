import './stepper.css';
import { StatusShape, type StatusTone } from './status-pill';

export type StepState = 'waiting' | 'ready' | 'running' | 'attention' | 'done';

const states: Readonly<Record<StepState, { tone: StatusTone; word: string }>> = {
  waiting: { tone: 'neutral', word: 'Waiting' },
  ready: { tone: 'information', word: 'Ready' },
  running: { tone: 'progress', word: 'Running' },
  attention: { tone: 'attention', word: 'Needs you' },
  done: { tone: 'good', word: 'Done' },
};

export interface StepperStep {
  readonly id: string;
  readonly title: string;
  readonly state: StepState;
  /** A few words beside the state: who, how much. */
  readonly detail?: string;
  /** Date and time, on a line of its own. */
  readonly when?: string;
}

export interface StepperProps {
  readonly label: string;
  readonly steps: readonly StepperStep[];
  /** The step whose content is shown. */
  readonly current: string;
  readonly onSelect?: (id: string) => void;
  readonly orientation?: 'horizontal' | 'vertical';
}

/** The steps of a run, each with its state in words and shape. Steps are buttons: looking back is always allowed. */
export function Stepper({ label, steps, current, onSelect, orientation = 'horizontal' }: StepperProps) {
  return (
    <nav aria-label={label}>
      <ol className={`stepper stepper-${orientation}`}>
        {steps.map((step, index) => {
          const { tone, word } = states[step.state];
          return (
            <li key={step.id}>
              <button
                type="button"
                className={`stepper-step tone-${tone}`}
                aria-current={step.id === current ? 'step' : undefined}
                onClick={() => onSelect?.(step.id)}
              >
                <StatusShape tone={tone} size={16} />
                <span className="stepper-words">
                  <span className="stepper-title">
                    {index + 1}. {step.title}
                  </span>
                  <span className="stepper-detail">
                    {word}
                    {step.detail !== undefined && step.detail !== '' && ` · ${step.detail}`}
                  </span>
                  {step.when !== undefined && <span className="stepper-detail">{step.when}</span>}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
