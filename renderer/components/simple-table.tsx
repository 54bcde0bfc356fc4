import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import './simple-table.css';

export interface SimpleColumn<Row> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'start' | 'end';
}

export interface SimpleTableProps<Row> {
  /** Read aloud; not shown. */
  readonly caption: string;
  readonly columns: readonly SimpleColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** A last row in bold: sums. One cell per column. */
  readonly totals?: readonly ReactNode[];
  /** What stands there when `rows` is empty. */
  readonly empty?: string;
}

/** A short table of up to a few hundred rows: no paging, no sorting. For lists that grow, use DataTable. */
export function SimpleTable<Row>({ caption, columns, rows, rowKey, totals, empty = 'None' }: SimpleTableProps<Row>) {
  const side = (column: SimpleColumn<Row>) => (column.align === 'end' ? 'numeric' : undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  // Columns that do not fit are reached by keyboard too.
  useLayoutEffect(() => {
    const { scrollWidth = 0, clientWidth = 0 } = scroller.current ?? {};
    setScrolls(scrollWidth > clientWidth);
  });
  return (
    <div
      ref={scroller}
      className="simple-table-scroll"
      {...(scrolls ? { tabIndex: 0, role: 'region', 'aria-label': caption } : {})}
    >
      <table className="simple-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={side(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className="muted">
                {empty}
              </td>
            </tr>
          )}
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.id} className={side(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {totals !== undefined && (
          <tfoot>
            <tr>
              {columns.map((column, index) => (
                <td key={column.id} className={side(column)}>
                  {totals[index]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}
