import type { CheckView } from '../../shared/contract';
import './checklist.css';
import { StatusPill, type StatusTone } from './status-pill';

const tones: Readonly<Record<CheckView['outcome'], { tone: StatusTone; word: string; rank: number }>> = {
  blocker: { tone: 'bad', word: 'Blocks', rank: 0 },
  warning: { tone: 'attention', word: 'Warning', rank: 1 },
  information: { tone: 'information', word: 'Note', rank: 2 },
  pass: { tone: 'good', word: 'Passed', rank: 3 },
};

export interface ChecklistProps {
  readonly checks: readonly CheckView[];
  readonly label: string;
}

/** Checks with their outcome, what was found and what to do; blockers first. */
export function Checklist({ checks, label }: ChecklistProps) {
  const sorted = [...checks].sort((a, b) => tones[a.outcome].rank - tones[b.outcome].rank);
  return (
    <ul className="checklist" aria-label={label}>
      {sorted.map((check) => (
        <li key={check.code}>
          <span className="checklist-outcome">
            <StatusPill tone={tones[check.outcome].tone}>{tones[check.outcome].word}</StatusPill>
          </span>
          <div>
            <strong>{check.title}</strong>
            <p className="muted">{check.detail}</p>
            {check.action !== '' && <p>{check.action}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
