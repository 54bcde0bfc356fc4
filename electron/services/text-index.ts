/**
 * Numbers by text, for hundreds of thousands of ids at once. A `Map` looks at the text itself for each question; here most questions are
 * answered from one array of hashes, which is several times faster for ids that are not there, and those of another kind (`ch_…` among
 * `obp_…`) by how they begin.
 */
export class TextIndex {
  readonly #mask: number;
  /** Two numbers for each slot, side by side in memory: hash; place in `#texts`, from 1 on, or 0: free. */
  readonly #slots: Int32Array;
  readonly #texts: string[] = [];
  readonly #values: Int32Array;
  /** Not 0 where there is a text of that kind. */
  readonly #kinds = new Uint8Array(KINDS);

  /** @param most texts that will be kept at most */
  constructor(most: number) {
    let size = 16;
    while (size < most * 2) size *= 2;
    this.#values = new Int32Array(most);
    this.#mask = size - 1;
    this.#slots = new Int32Array(size * 2);
  }

  get(text: string): number | undefined {
    if (this.#kinds[kindOf(text)] === 0) return undefined;
    const place = this.#slots[this.#slot(text, hashOf(text)) + 1] ?? 0;
    return place === 0 ? undefined : this.#values[place - 1];
  }

  /** The later number of a text stands, as in a `Map`. */
  set(text: string, value: number): void {
    this.#values[this.#placeOf(text, value) - 1] = value;
  }

  /** The number that the text has; `value` becomes it where it has none, and the answer is undefined. */
  getOrSet(text: string, value: number): number | undefined {
    const before = this.#texts.length;
    const place = this.#placeOf(text, value);
    return place > before ? undefined : this.#values[place - 1];
  }

  /** A text that is not there yet comes in with the number. */
  #placeOf(text: string, value: number): number {
    const hash = hashOf(text);
    const slot = this.#slot(text, hash);
    const known = this.#slots[slot + 1] ?? 0;
    if (known > 0) return known;
    if (this.#texts.length >= this.#values.length) throw new Error(`More than ${this.#values.length} texts`);
    const place = this.#texts.push(text);
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = place;
    this.#values[place - 1] = value;
    this.#kinds[kindOf(text)] = 1;
    return place;
  }

  /** Where the text is, or the free slot where it would be. */
  #slot(text: string, hash: number): number {
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = at * 2;
      const place = this.#slots[slot + 1] ?? 0;
      if (place === 0 || (this.#slots[slot] === hash && this.#texts[place - 1] === text)) return slot;
    }
  }
}

const KINDS = 4_096;

/** By its first three units and its length. */
function kindOf(text: string): number {
  const begins = text.charCodeAt(0) ^ (text.charCodeAt(1) << 3) ^ (text.charCodeAt(2) << 6);
  return (begins ^ (text.length << 5)) & (KINDS - 1);
}

/** FNV-1a over UTF-16 units, two at a time, mixed once more so that its low bits are good ones. */
function hashOf(text: string): number {
  const { length } = text;
  let hash = 0x811c9dc5 ^ length;
  let at = 0;
  for (; at + 1 < length; at += 2) {
    hash = Math.imul(hash ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)), 0x01000193);
    hash ^= hash >>> 15;
  }
  if (at < length) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
