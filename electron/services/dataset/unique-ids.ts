/**
 * Tells ids that come a second time. A file that was exported in the order of its ids cannot have one twice, and there is no need to
 * keep each for a look-up: they are held as texts of many, for the case that the order breaks or somebody asks for one.
 */
import { TextIndex } from '../text-index';

const IDS_OF_A_TEXT = 1_000;

export class UniqueIds {
  /** JSON lists of ids in ascending order, then those that follow. */
  readonly #texts: string[] = [];
  #following: string[] = [];
  #count = 0;
  #latest: string | null = null;
  /** The ids up to the first that is not above the one before it, or up to the first question. */
  #index: TextIndex | null = null;
  /** Those after. */
  readonly #later = new Set<string>();

  /** True when the id comes for the first time. */
  add(id: string): boolean {
    if (this.#index === null) {
      if (this.#latest === null || id > this.#latest) {
        this.#latest = id;
        this.#follow(id);
        return true;
      }
      this.#index = this.#asIndex();
    }
    if (this.#index.get(id) !== undefined) return false;
    const before = this.#later.size;
    return this.#later.add(id).size > before;
  }

  has(id: string): boolean {
    this.#index ??= this.#asIndex();
    return this.#index.get(id) !== undefined || this.#later.has(id);
  }

  #follow(id: string): void {
    this.#count += 1;
    this.#following.push(id);
    if (this.#following.length < IDS_OF_A_TEXT) return;
    this.#texts.push(JSON.stringify(this.#following));
    this.#following = [];
  }

  #asIndex(): TextIndex {
    const index = new TextIndex(this.#count);
    for (const text of this.#texts) for (const id of JSON.parse(text) as string[]) index.set(id, 1);
    for (const id of this.#following) index.set(id, 1);
    this.#texts.length = 0;
    this.#following = [];
    return index;
  }
}
