import type { ReactNode } from 'react';
import type { PageRequest, Result } from '../../../shared/contract';

export interface TableColumn<Row> {
  /** Also the name by which the server sorts (`PageRequest.sort`). */
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** The cell as plain text: for the CSV (amounts with `plainDecimal`) and for lists that are sorted here. */
  readonly text: (row: Row) => string;
  /** A CSS grid track: `'120px'`, `'minmax(160px, 1fr)'` (the default is the latter). */
  readonly width?: string;
  readonly align?: 'start' | 'end';
  readonly sortable?: boolean;
  /** Hidden until the person chooses it. */
  readonly hidden?: boolean;
}

export interface Page<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

export type FetchPage<Row> = (request: PageRequest) => Promise<Result<Page<Row>>>;
