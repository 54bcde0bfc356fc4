export type SettlementKind = 'balance_transaction' | 'payout' | 'outbound_payment';

export interface Settlement {
  readonly kind: SettlementKind;
  readonly id: string;
  /** Sandbox time in milliseconds. */
  readonly due: number;
}

/**
 * What becomes due when, earliest first; equal times in the order they were planned. A plan may be stale: whoever takes
 * one compares its time with the record. Not written to the log: rebuilt from the records at start.
 */
export class Settlements {
  readonly #heap: (Settlement & { readonly order: number })[] = [];
  #order = 0;

  plan(kind: SettlementKind, id: string, due: number): void {
    this.#order += 1;
    this.#heap.push({ kind, id, due, order: this.#order });
    this.#up(this.#heap.length - 1);
  }

  /** Removes and returns the next one due at `now`. */
  takeDue(now: number): Settlement | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.due > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #before(left: number, right: number): boolean {
    const a = this.#heap[left];
    const b = this.#heap[right];
    if (a === undefined || b === undefined) return false;
    return a.due === b.due ? a.order < b.order : a.due < b.due;
  }

  #swap(left: number, right: number): void {
    const a = this.#heap[left];
    const b = this.#heap[right];
    if (a === undefined || b === undefined) return;
    this.#heap[left] = b;
    this.#heap[right] = a;
  }

  #up(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #down(start: number): void {
    let parent = start;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let least = parent;
      if (this.#before(left, least)) least = left;
      if (this.#before(right, least)) least = right;
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }
}
