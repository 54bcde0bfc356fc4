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
  const packed = new PackedRows(table);
  const rows: Row[] = new Array(packed.length);
  await inSlices(packed.length, (place) => {
    rows[place] = packed.at(place);
  });
  return rows;
}

/**
 * The rows of a long table that is kept: each is made when it is asked for. Objects that stay are gone through whenever garbage is
 * collected, columns are not.
 */
export class PackedRows<Row> implements Iterable<Row> {
  readonly length: number;
  readonly #cells: readonly { readonly name: keyof Row; readonly at: (place: number) => unknown }[];

  constructor({ rows, columns }: PackedTable<Row>) {
    this.length = rows;
    this.#cells = (Object.keys(columns) as (keyof Row)[]).map((name) => ({ name, at: reader(columns[name]) }));
  }

  /** The row at a place that there is. */
  at(place: number): Row {
    const row: Partial<Record<keyof Row, unknown>> = {};
    for (const { name, at } of this.#cells) row[name] = at(place);
    return row as Row;
  }

  /** The first row with this cell; undefined when there is none. */
  find<Name extends keyof Row>(name: Name, cell: Row[Name]): Row | undefined {
    const at = this.#cells.find((one) => one.name === name)?.at;
    for (let place = 0; place < this.length; place += 1) if (at?.(place) === cell) return this.at(place);
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Row> {
    for (let place = 0; place < this.length; place += 1) yield this.at(place);
  }
}

function reader(column: PackedColumn): (place: number) => unknown {
  if ('amounts' in column) return (place) => column.amounts[place];
  if ('flags' in column) return (place) => column.flags[place] === 1;
  const { text, ends } = column;
  return (place) => text.slice(place === 0 ? 0 : ends[place - 1], ends[place]);
}
