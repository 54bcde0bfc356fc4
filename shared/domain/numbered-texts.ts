/**
 * Texts numbered from 0 on in the order in which they come, for hundreds of thousands of ids at once. A `Map` looks at the text itself for
 * each question; here most questions are answered from one array of hashes, which is several times faster for ids that are not there, and
 * those of another kind (`ch_…` among `obp_…`) by how they begin.
 */
export class NumberedTexts {
  readonly texts: string[] = [];
  #mask = 0;
  /** Two numbers for each slot, side by side in memory: hash; place in `texts`, from 1 on, or 0: free. At most half are taken. */
  #slots = new Int32Array(0);
  /** Not 0 where there is a text of that kind. */
  readonly #kinds = new Uint8Array(KINDS);

  /** @param expected there is room for so many; more take the time to make some */
  constructor(expected = 0) {
    let size = 16;
    while (size < expected * 2) size *= 2;
    this.#makeRoom(size);
  }

  /** The number of the text; −1: it is not there. */
  find(text: string): number {
    if (this.#kinds[kindOf(text)] === 0) return -1;
    return (this.#slots[this.#slot(text, hashOf(text)) + 1] ?? 0) - 1;
  }

  /** The number of the text, the next one when it was not there. */
  of(text: string): number {
    const hash = hashOf(text);
    const slot = this.#slot(text, hash);
    const known = this.#slots[slot + 1] ?? 0;
    if (known > 0) return known - 1;
    const place = this.texts.push(text);
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = place;
    this.#kinds[kindOf(text)] = 1;
    if (place * 2 > this.#mask) this.#makeRoom((this.#mask + 1) * 2);
    return place - 1;
  }

  /** Where the text is, or the free slot where it would be. */
  #slot(text: string, hash: number): number {
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = at * 2;
      const place = this.#slots[slot + 1] ?? 0;
      if (place === 0 || (this.#slots[slot] === hash && this.texts[place - 1] === text)) return slot;
    }
  }

  #makeRoom(size: number): void {
    const before = this.#slots;
    const slots = new Int32Array(size * 2);
    const mask = size - 1;
    for (let slot = 0; slot < before.length; slot += 2) {
      const hash = before[slot] ?? 0;
      const place = before[slot + 1] ?? 0;
      if (place === 0) continue;
      let at = hash & mask;
      while (slots[at * 2 + 1] !== 0) at = (at + 1) & mask;
      slots[at * 2] = hash;
      slots[at * 2 + 1] = place;
    }
    this.#slots = slots;
    this.#mask = mask;
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
