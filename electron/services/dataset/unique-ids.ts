/**
 * Tells ids that come a second time. A file that was exported in the order of its ids cannot have one twice, and there is no need to
 * keep each for a look-up: they are held as texts of many, for the case that the order breaks or somebody asks for one.
 */
const IDS_OF_A_TEXT = 1_000;

export class UniqueIds {
  /** JSON lists of ids in ascending order, then those that follow. */
  readonly #texts: string[] = [];
  #following: string[] = [];
  #latest: string | null = null;
  /** From the first that is not above the one before it on. */
  #set: Set<string> | null = null;

  /** True when the id comes for the first time. */
  add(id: string): boolean {
    if (this.#set === null) {
      if (this.#latest === null || id > this.#latest) {
        this.#latest = id;
        this.#follow(id);
        return true;
      }
      this.#set = this.#asSet();
    }
    const before = this.#set.size;
    return this.#set.add(id).size > before;
  }

  has(id: string): boolean {
    this.#set ??= this.#asSet();
    return this.#set.has(id);
  }

  #follow(id: string): void {
    this.#following.push(id);
    if (this.#following.length < IDS_OF_A_TEXT) return;
    this.#texts.push(JSON.stringify(this.#following));
    this.#following = [];
  }

  #asSet(): Set<string> {
    const set = new Set<string>();
    for (const text of this.#texts) for (const id of JSON.parse(text) as string[]) set.add(id);
    for (const id of this.#following) set.add(id);
    this.#texts.length = 0;
    this.#following = [];
    return set;
  }
}
