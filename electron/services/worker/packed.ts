/**
 * Long tables as a few columns. 100,000 objects that cross from a worker hold up the main loop for as long as it takes to read them all
 * in; columns change hands at once, and the rows are made of them in slices.
 */
import { inSlices } from '../slices';

type KindOf<T> = T extends bigint ? 'amount' : T extends boolean ? 'flag' : T extends string ? 'text' : never;
export type Kinds<Row> = { readonly [K in keyof Row]-?: KindOf<Row[K]> };

type PackedColumn =
  /** All texts in one, and where each ends. */
  | { readonly text: string; readonly ends: Uint32Array }
  /** 64 bits, as the store has them. */
  | { readonly amounts: BigInt64Array }
  | { readonly flags: Uint8Array };

export interface PackedTable<Row> {
  readonly rows: number;
  readonly columns: { readonly [K in keyof Row]: PackedColumn };
}

export function pack<Row>(rows: readonly Row[], kinds: Kinds<Row>): PackedTable<Row> {
  const columns: Partial<Record<keyof Row, PackedColumn>> = {};
  for (const name of Object.keys(kinds) as (keyof Row)[]) columns[name] = packColumn(rows, name, kinds[name]);
  return { rows: rows.length, columns: columns as PackedTable<Row>['columns'] };
}

function packColumn<Row>(rows: readonly Row[], name: keyof Row, kind: Kinds<Row>[keyof Row]): PackedColumn {
  if (kind === 'amount') return { amounts: BigInt64Array.from(rows, (row) => within64(row[name] as bigint)) };
  if (kind === 'flag') return { flags: Uint8Array.from(rows, (row) => (row[name] === true ? 1 : 0)) };
  const ends = new Uint32Array(rows.length);
  let end = 0;
  const texts = rows.map((row, index) => {
    const text = row[name] as string;
    end += text.length;
    ends[index] = end;
    return text;
  });
  return { text: texts.join(''), ends };
}

export function within64(amount: bigint): bigint {
  if (BigInt.asIntN(64, amount) !== amount) throw new RangeError(`${amount} minor units do not fit into 64 bits`);
  return amount;
}

/** The rows again, without holding up anybody for long. */
export async function unpack<Row>(table: PackedTable<Row>): Promise<Row[]> {
  const cells = Object.entries<PackedColumn>(table.columns).map(([name, column]) => ({ name, at: reader(column) }));
  const rows: Row[] = new Array(table.rows);
  await inSlices(table.rows, (index) => {
    const row: Record<string, unknown> = {};
    for (const { name, at } of cells) row[name] = at(index);
    rows[index] = row as Row;
  });
  return rows;
}

function reader(column: PackedColumn): (index: number) => unknown {
  if ('amounts' in column) return (index) => column.amounts[index];
  if ('flags' in column) return (index) => column.flags[index] === 1;
  const { text, ends } = column;
  return (index) => text.slice(index === 0 ? 0 : ends[index - 1], ends[index]);
}
