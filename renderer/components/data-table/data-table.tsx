import {
  columnVisibilityFeature,
  createColumnHelper,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Columns3, Copy } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Button as AriaButton, DialogTrigger, Input, Popover, SearchField } from 'react-aria-components';
import { counted } from '../../format/sums';
import { useSession } from '../../state/session';
import { tell, tellFailure } from '../../state/toasts';
import { useSettled } from '../../state/use-settled';
import { Button } from '../button';
import { EmptyState } from '../empty-state';
import { Failure } from '../failure';
import { CheckField } from '../field';
import '../field.css';
import { csvText } from './csv';
import './data-table.css';
import { localPage } from './local-page';
import type { FetchPage, TableColumn } from './types';
import { pageSize, usePages } from './use-pages';

const rowHeight = 30;
/** Rows drawn outside what is seen, above and below. */
const overscan = 6;
/** Rows drawn at most, however high the window is; a taller table scrolls sooner than it draws more. */
const drawnAtMost = 60;
/** Copying is for a spreadsheet at hand; whole books go through Audit & exports. */
const copiedAtMost = 10_000;

export interface DataTableProps<Row> {
  /** What the rows are: "Creators". The accessible name, and part of the counts. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rowKey: (row: Row) => string;
  /** Rows of the server, page by page. Give this or `rows`. */
  readonly fetchPage?: FetchPage<Row>;
  /** Rows that are already here. */
  readonly rows?: readonly Row[];
  /** Names the filters that `fetchPage` closes over; the table starts afresh when it changes. */
  readonly queryKey?: string;
  /** Enter or a click on a row. */
  readonly onOpen?: (row: Row) => void;
  /** The row whose detail is shown beside the table. */
  readonly openKey?: string;
  readonly initialSort?: { readonly id: string; readonly descending: boolean };
  /** Says what can be searched: "Name, e-mail or id". Without it there is no search box. */
  readonly searchLabel?: string;
  /** Shown when there are no rows and no search: an EmptyState that says what to do. */
  readonly empty?: ReactNode;
  /** Right of the search box: filters. */
  readonly tools?: ReactNode;
  /** Pixels; without it the table takes the height of its container (use `Panel flush grows`). */
  readonly height?: number;
}

const features = tableFeatures({ columnVisibilityFeature, rowSortingFeature });
const noRows: readonly never[] = [];

/**
 * A table of any length: pages come from the server as they are scrolled to, at most sixty rows are in the document.
 * Keyboard: arrows, Page Up and Down, Home and End move along rows, Enter opens one.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rowKey, fetchPage, rows, queryKey = '', onOpen, openKey, initialSort } = props;
  const { searchLabel, empty, tools, height } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  const settledSearch = useSettled(search, 250);
  const [active, setActive] = useState(0);
  const [sorting, setSorting] = useState<SortingState>(
    initialSort === undefined ? [] : [{ id: initialSort.id, desc: initialSort.descending }],
  );
  const [columnVisibility, setColumnVisibility] = useState<Record<string, boolean>>(() =>
    Object.fromEntries(columns.map((column) => [column.id, column.hidden !== true])),
  );

  const revision = useSession((session) => session.revision);
  const local = useRevision(rows);
  const [sort] = sorting;
  const source = fetchPage ?? localPage(rows ?? noRows, columns);
  const pages = usePages(
    source,
    { search: settledSearch, sort: sort?.id, descending: sort?.desc ?? false },
    queryKey,
    revision + local,
  );
  const total = pages.total ?? 0;

  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
  });
  const items = virtualizer.getVirtualItems().slice(0, drawnAtMost);
  const first = items.at(0)?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { want } = pages;
  useEffect(() => {
    if (total > 0) want(first, last);
  }, [first, last, total, want]);

  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, { row: Row; index: number }>();
    return helper.columns(
      columns.map((column) =>
        helper.display({
          id: column.id,
          header: column.header,
          cell: ({ row }) => column.cell(row.original.row),
          enableHiding: true,
        }),
      ),
    );
  }, [columns]);
  const { rowAt } = pages;
  const data = items.flatMap((item) => {
    const row = rowAt(item.index);
    return row === undefined ? [] : [{ row, index: item.index }];
  });
  const model = useTable({
    features,
    columns: definitions,
    data,
    getRowId: (entry) => String(entry.index),
    manualSorting: true,
    state: { sorting, columnVisibility },
    onColumnVisibilityChange: setColumnVisibility,
  });
  const shown = model
    .getVisibleLeafColumns()
    .flatMap((leaf) => columns.find((column) => column.id === leaf.id) ?? noRows);
  const drawn = new Map(model.getRowModel().rows.map((row) => [row.original.index, row]));
  const tracks = shown.map((column) => column.width ?? 'minmax(160px, 1fr)');
  const template = tracks.join(' ');
  // Every row is a grid of its own: all must have the width of the table, whatever is in their cells.
  const leastWidth = tracks.reduce((sum, track) => sum + Number.parseFloat(/[\d.]+(?=px)/.exec(track)?.[0] ?? '0'), 0);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(total - 1, to));
    setActive(next);
    virtualizer.scrollToIndex(next);
  };
  const open = (index: number) => {
    const row = rowAt(index);
    if (row !== undefined) onOpen?.(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const screenful = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowHeight) - 2);
    const target = destination(event.key, active, screenful, total - 1);
    const step = event.key === 'Enter' ? () => open(active) : target === undefined ? undefined : () => move(target);
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step();
  };

  const onClick = (event: MouseEvent) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>('tr[data-index]') : null;
    if (at === null) return;
    const index = Number(at.dataset.index);
    setActive(index);
    open(index);
  };

  const sortBy = (column: string) => {
    setActive(0);
    setSorting(([before]) =>
      before?.id === column ? [{ id: column, desc: !before.desc }] : [{ id: column, desc: false }],
    );
    virtualizer.scrollToOffset(0);
  };

  const copy = async () => {
    const lines: string[][] = [];
    const wanted = Math.min(total, copiedAtMost);
    for (let offset = 0; offset < wanted; offset += pageSize) {
      const result = await source({
        offset,
        limit: Math.min(pageSize, wanted - offset),
        ...(settledSearch === '' ? {} : { search: settledSearch }),
        ...(sort === undefined ? {} : { sort: sort.id, descending: sort.desc }),
      });
      if (!result.ok) return tellFailure(result.error);
      lines.push(...result.value.rows.map((row) => shown.map((column) => column.text(row))));
      if (result.value.rows.length === 0) break;
    }
    await navigator.clipboard.writeText(csvText([shown.map((column) => column.header), ...lines]));
    tell(
      `Copied ${lines.length.toLocaleString('en')} rows as CSV`,
      total > copiedAtMost ? `The first ${copiedAtMost.toLocaleString('en')}. For all rows use Audit & exports.` : '',
    );
  };

  const nothingFound = pages.total === 0;
  return (
    <div className="data-table" style={height === undefined ? undefined : { height }}>
      <div className="data-table-bar">
        {searchLabel !== undefined && (
          <SearchField aria-label={`Search ${label}`} className="data-table-search" value={search} onChange={setSearch}>
            <Input className="field-input" placeholder={searchLabel} />
          </SearchField>
        )}
        {tools}
        <span className="data-table-count" aria-live="polite">
          {pages.total === undefined
            ? 'Loading'
            : settledSearch === ''
              ? counted(total, 'row')
              : `${total.toLocaleString('en')} found`}
        </span>
        <DialogTrigger>
          <AriaButton className="button button-quiet">
            <Columns3 size={14} aria-hidden="true" /> Columns
          </AriaButton>
          <Popover className="popover" placement="bottom end" aria-label={`Columns of ${label}`}>
            <div className="data-table-columns">
              {columns.map((column) => {
                const visible = shown.includes(column);
                return (
                  <CheckField
                    key={column.id}
                    label={column.header}
                    isSelected={visible}
                    isDisabled={visible && shown.length === 1}
                    onChange={(selected) => model.getColumn(column.id)?.toggleVisibility(selected)}
                  />
                );
              })}
            </div>
          </Popover>
        </DialogTrigger>
        <Button kind="quiet" icon={<Copy size={14} />} isDisabled={total === 0} onPress={copy}>
          Copy CSV
        </Button>
      </div>
      {pages.error !== undefined && <Failure failure={pages.error} onRetry={pages.retry} />}
      <div ref={scroller} className="data-table-scroll">
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table that takes the keyboard (ARIA APG)
          role="grid"
          tabIndex={0}
          style={{ minWidth: leastWidth }}
          aria-label={label}
          aria-rowcount={total + 1}
          aria-colcount={shown.length}
          aria-busy={pages.total === undefined}
          aria-activedescendant={items.some((item) => item.index === active) ? `${id}-${active}` : undefined}
          onKeyDown={onKeyDown}
          onClick={onClick}
        >
          <thead>
            <tr className="data-table-head" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
              {shown.map((column) => (
                <ColumnHeader key={column.id} column={column} sort={sort} onSort={sortBy} />
              ))}
            </tr>
          </thead>
          <tbody style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              const row = drawn.get(item.index);
              return (
                <tr
                  key={item.key}
                  id={`${id}-${item.index}`}
                  className={onOpen === undefined ? 'data-table-row' : 'data-table-row data-table-opens'}
                  aria-rowindex={item.index + 2}
                  aria-selected={row !== undefined && openKey !== undefined && rowKey(row.original.row) === openKey}
                  data-index={item.index}
                  data-active={item.index === active || undefined}
                  style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
                >
                  {row === undefined ? (
                    <td className="data-table-loading">
                      <span className="visually-hidden">Loading</span>
                    </td>
                  ) : (
                    row.getVisibleCells().map((cell, index) => (
                      <td key={cell.id} className={shown[index]?.align === 'end' ? 'data-table-end' : undefined}>
                        <model.FlexRender cell={cell} />
                      </td>
                    ))
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
        {pages.total === undefined && pages.error === undefined && <div className="data-table-wait" />}
        {nothingFound && settledSearch !== '' && (
          <EmptyState
            title={`Nothing matches “${settledSearch}”`}
            actions={<Button onPress={() => setSearch('')}>Clear the search</Button>}
          >
            Search looks at {searchLabel?.toLowerCase()}.
          </EmptyState>
        )}
        {nothingFound &&
          settledSearch === '' &&
          (empty ?? <EmptyState title="Nothing here yet">Rows appear once there is data for this list.</EmptyState>)}
      </div>
    </div>
  );
}

/** Where a key moves the active row; undefined for other keys. */
function destination(key: string, active: number, screenful: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return active + 1;
    case 'ArrowUp':
      return active - 1;
    case 'PageDown':
      return active + screenful;
    case 'PageUp':
      return active - screenful;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

interface ColumnHeaderProps<Row> {
  readonly column: TableColumn<Row>;
  readonly sort: SortingState[number] | undefined;
  readonly onSort: (column: string) => void;
}

function ColumnHeader<Row>({ column, sort, onSort }: ColumnHeaderProps<Row>) {
  const side = column.align === 'end' ? 'data-table-end' : undefined;
  if (column.sortable !== true) {
    return (
      <th scope="col" className={side}>
        {column.header}
      </th>
    );
  }
  const sorted = sort?.id === column.id ? (sort.desc ? 'descending' : 'ascending') : 'none';
  const Arrow = sorted === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th scope="col" className={side} aria-sort={sorted}>
      <button type="button" className="data-table-sort" onClick={() => onSort(column.id)}>
        {column.header}
        <Arrow size={12} aria-hidden="true" className={sorted === 'none' ? 'data-table-unsorted' : undefined} />
      </button>
    </th>
  );
}

/** Grows whenever the list given from outside is another one. */
function useRevision(rows: readonly unknown[] | undefined): number {
  const state = useRef({ rows, revision: 0 });
  if (state.current.rows !== rows) state.current = { rows, revision: state.current.revision + 1 };
  return state.current.revision;
}
