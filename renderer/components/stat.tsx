import type { ReactNode } from 'react';
import './stat.css';

export interface StatProps {
  readonly label: string;
  /** An `Amount` or a text. */
  readonly value: ReactNode;
  readonly detail?: ReactNode;
  /** A coloured edge that ties the number to Payments or Storage; the label names it too. */
  readonly side?: 'payments' | 'storage';
}

/** One number with its name. Several stand in a `StatRow`. */
export function Stat({ label, value, detail, side }: StatProps) {
  return (
    <div className={side === undefined ? 'stat' : `stat stat-${side}`}>
      <dt>{label}</dt>
      <dd className="stat-value">{value}</dd>
      {detail !== undefined && <dd className="stat-detail">{detail}</dd>}
    </div>
  );
}

export function StatRow({ children }: { readonly children: ReactNode }) {
  return <dl className="stat-row">{children}</dl>;
}
