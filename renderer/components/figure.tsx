import { type ReactNode, useId, useState } from 'react';
import { Segmented } from './currency-tabs';
import './figure.css';

export interface FigureProps {
  readonly title: string;
  /** One sentence that says what the chart shows, with its numbers. It is also the chart's accessible name. */
  readonly summary: string;
  readonly chart: ReactNode;
  /** The same numbers as a table. */
  readonly table: ReactNode;
  /** Left of the toggle: the range. */
  readonly controls?: ReactNode;
}

/** A chart as a figure: summary in words, and the table behind a toggle. */
export function Figure({ title, summary, chart, table, controls }: FigureProps) {
  const [view, setView] = useState('chart');
  const id = useId();
  return (
    <figure className="figure" aria-labelledby={id}>
      <div className="figure-header">
        <h2 id={id}>{title}</h2>
        <div className="row">
          {controls}
          <Segmented
            label={`Show ${title} as`}
            options={[
              { id: 'chart', label: 'Chart' },
              { id: 'table', label: 'Table' },
            ]}
            selected={view}
            onSelect={setView}
          />
        </div>
      </div>
      <figcaption>{summary}</figcaption>
      {view === 'chart' ? (
        <div role="img" aria-label={summary}>
          {chart}
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls takes the keyboard
        <section className="figure-table" tabIndex={0} aria-label={`${title}, as a table`}>
          {table}
        </section>
      )}
    </figure>
  );
}
