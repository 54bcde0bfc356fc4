import './skeleton.css';

export interface SkeletonProps {
  /** Read aloud: "Loading balances". */
  readonly label: string;
  /** Pixels; give the height of what will come, so that nothing jumps. */
  readonly height: number;
}

export function Skeleton({ label, height }: SkeletonProps) {
  return (
    <div className="skeleton" style={{ height }} role="status">
      <span className="visually-hidden">{label}</span>
    </div>
  );
}
