import { Circle, CircleCheck, CircleDashed, CircleHelp, Info, OctagonX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import './status-pill.css';

export type StatusTone = 'good' | 'progress' | 'attention' | 'bad' | 'unknown' | 'neutral' | 'information';

const shapes: Readonly<Record<StatusTone, typeof Circle>> = {
  good: CircleCheck,
  progress: CircleDashed,
  attention: TriangleAlert,
  bad: OctagonX,
  unknown: CircleHelp,
  neutral: Circle,
  information: Info,
};

export interface StatusPillProps {
  readonly tone: StatusTone;
  /** The state in words; the shape and colour only support it. */
  readonly children: ReactNode;
}

/** A state as text with a shape and a colour of its own. */
export function StatusPill({ tone, children }: StatusPillProps) {
  return (
    <span className={`status-pill tone-${tone}`}>
      <StatusShape tone={tone} />
      <span>{children}</span>
    </span>
  );
}

export function StatusShape({ tone, size = 13 }: { readonly tone: StatusTone; readonly size?: number }) {
  const Shape = shapes[tone];
  return <Shape className="status-shape" size={size} strokeWidth={2.4} aria-hidden="true" />;
}
