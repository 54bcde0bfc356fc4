/**
 * Tells ids that come a second time. A file that was exported in the order of its ids cannot have one twice, and there is no need to
 * keep each for a look-up: they are held as texts of many, for the case that the order breaks or somebody asks for one.
 */
import { NumberedTexts } from '../../../shared/domain/numbered-texts';

const IDS_OF_A_TEXT = 1_000;

export class UniqueIds {
  /** JSON lists of ids in ascending order, then those that follow. */
  readonly #texts: string[] = [];
  #following: string[] = [];
  #count = 0;
  #latest: string | null = null;
  /** From the first that is not above the one before it on. */
  #known: NumberedTexts | null = null;

  /** True when the id comes for the first time. */
  add(id: string): boolean {
    if (this.#known === null) {
      if (this.#latest === null || id > this.#latest) {
        this.#latest = id;
        this.#follow(id);
        return true;
      }
      this.#known = this.#lookedUp();
    }
    const before = this.#known.texts.length;
    return this.#known.of(id) === before;
  }

  has(id: string): boolean {
    this.#known ??= this.#lookedUp();
    return this.#known.find(id) >= 0;
  }

  #follow(id: string): void {
    this.#count += 1;
    this.#following.push(id);
    if (this.#following.length < IDS_OF_A_TEXT) return;
    this.#texts.push(JSON.stringify(this.#following));
    this.#following = [];
  }

  #lookedUp(): NumberedTexts {
    const known = new NumberedTexts(this.#count);
    for (const text of this.#texts) for (const id of JSON.parse(text) as string[]) known.of(id);
    for (const id of this.#following) known.of(id);
    this.#texts.length = 0;
    this.#following = [];
    return known;
  }
}
