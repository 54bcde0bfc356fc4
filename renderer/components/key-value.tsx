import type { ReactNode } from 'react';
import './key-value.css';

export interface KeyValueItem {
  readonly label: string;
  readonly value: ReactNode;
  /** Right-aligned, for columns of amounts. */
  readonly numeric?: boolean;
  readonly strong?: boolean;
}

/** Names and values under one another. */
export function KeyValue({ items }: { readonly items: readonly KeyValueItem[] }) {
  return (
    <dl className="key-value">
      {items.map((item) => (
        <div key={item.label} className={item.strong === true ? 'key-value-strong' : undefined}>
          <dt>{item.label}</dt>
          <dd className={item.numeric === true ? 'numeric' : undefined}>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
