/** Told about every change, so that a unit of work can be undone and written to the log. */
export interface ChangeSink {
  changed(table: Table, id: string, undo: () => void): void;
}

/** A named set of records that the log can restore. */
export interface Table {
  readonly name: string;
  readonly size: number;
  /** The current record as it goes to the log; `undefined` when it was deleted. */
  snapshot(id: string): unknown;
  /** Applies a line of the log. Throws on a record that does not fit its schema. */
  load(record: unknown): void;
  unload(id: string): void;
  ids(): Iterable<string>;
}

export interface Parser<T> {
  parse(value: unknown): T;
}

/** Positions of an indexed value: mostly there is one, and then no list is made for it. */
type Found = number | number[];

interface Dated {
  readonly id: string;
  readonly created: number;
}

/**
 * Records in the order of their creation, with constant-time access by id and secondary indexes over fields that never
 * change. Lists walk backwards from the newest and stop when their page is full.
 */
export class Collection<T extends Dated, Index extends string = never> implements Table {
  readonly #rows: T[] = [];
  readonly #positions = new Map<string, number>();
  readonly #indexes = new Map<string, { key: (row: T) => string | null; positions: Map<string, Found> }>();

  constructor(
    readonly name: string,
    private readonly parser: Parser<T>,
    private readonly sink: ChangeSink,
    keys: { readonly [K in Index]: (row: T) => string | null },
  ) {
    for (const [index, key] of Object.entries<(row: T) => string | null>(keys)) {
      this.#indexes.set(index, { key, positions: new Map() });
    }
  }

  get size(): number {
    return this.#rows.length;
  }

  get(id: string): T | undefined {
    const position = this.#positions.get(id);
    return position === undefined ? undefined : this.#rows[position];
  }

  /** Adds a record, or replaces the one with the same id. Fields used by an index must not change. */
  put(row: T): void {
    const position = this.#positions.get(row.id);
    const before = position === undefined ? undefined : this.#rows[position];
    this.#place(row);
    this.sink.changed(this, row.id, () => {
      if (position === undefined || before === undefined) this.#dropLast(row);
      else this.#rows[position] = before;
    });
  }

  /** Position of a record in creation order, for paging. */
  positionOf(id: string): number | undefined {
    return this.#positions.get(id);
  }

  at(position: number): T | undefined {
    return this.#rows[position];
  }

  /** Positions, ascending, of the records whose indexed field has this value. */
  positionsBy(index: Index, value: string): readonly number[] {
    const found = this.#indexes.get(index)?.positions.get(value);
    return found === undefined ? [] : typeof found === 'number' ? [found] : found;
  }

  by(index: Index, value: string): T[] {
    return this.positionsBy(index, value).flatMap((position) => this.#rows[position] ?? []);
  }

  /** First position whose record was created at or after `moment` (milliseconds). */
  firstSince(moment: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle]?.created ?? 0) < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  all(): readonly T[] {
    return this.#rows;
  }

  snapshot(id: string): unknown {
    return this.get(id);
  }

  load(record: unknown): void {
    this.#place(this.parser.parse(record));
  }

  unload(): void {
    throw new Error(`Records of ${this.name} are never deleted`);
  }

  ids(): Iterable<string> {
    return this.#positions.keys();
  }

  #place(row: T): void {
    const known = this.#positions.get(row.id);
    if (known !== undefined) {
      this.#rows[known] = row;
      return;
    }
    const position = this.#rows.push(row) - 1;
    this.#positions.set(row.id, position);
    for (const [index, value] of this.#entriesOf(row)) {
      const found = index.get(value);
      if (found === undefined) index.set(value, position);
      else if (typeof found === 'number') index.set(value, [found, position]);
      else found.push(position);
    }
  }

  #dropLast(row: T): void {
    if (this.#rows[this.#rows.length - 1]?.id !== row.id) throw new Error(`Undo out of order in ${this.name}`);
    this.#rows.pop();
    this.#positions.delete(row.id);
    for (const [index, value] of this.#entriesOf(row)) {
      const found = index.get(value);
      if (typeof found === 'object' && found.length > 1) found.pop();
      else index.delete(value);
    }
  }

  *#entriesOf(row: T): Generator<[Map<string, Found>, string]> {
    for (const { key, positions } of this.#indexes.values()) {
      const value = key(row);
      if (value !== null) yield [positions, value];
    }
  }
}

/** Records by id that can be deleted: idempotency keys, faults, restrictions of keys. */
export class Registry<T extends { readonly id: string }> implements Table {
  readonly #rows = new Map<string, T>();

  constructor(
    readonly name: string,
    private readonly parser: Parser<T>,
    private readonly sink: ChangeSink,
  ) {}

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  put(row: T): void {
    const before = this.#rows.get(row.id);
    this.#rows.set(row.id, row);
    this.sink.changed(this, row.id, () => {
      if (before === undefined) this.#rows.delete(row.id);
      else this.#rows.set(row.id, before);
    });
  }

  delete(id: string): void {
    const before = this.#rows.get(id);
    if (before === undefined) return;
    this.#rows.delete(id);
    this.sink.changed(this, id, () => this.#rows.set(id, before));
  }

  /** In insertion order, oldest first. */
  values(): IterableIterator<T> {
    return this.#rows.values();
  }

  snapshot(id: string): unknown {
    return this.#rows.get(id);
  }

  load(record: unknown): void {
    const row = this.parser.parse(record);
    this.#rows.set(row.id, row);
  }

  unload(id: string): void {
    this.#rows.delete(id);
  }

  ids(): Iterable<string> {
    return this.#rows.keys();
  }
}
