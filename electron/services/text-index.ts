import { NumberedTexts } from '../../shared/domain/numbered-texts';

/** Numbers by text, as in a `Map`, for hundreds of thousands of ids at once. */
export class TextIndex {
  readonly #numbered: NumberedTexts;
  readonly #values: Int32Array;

  /** @param most texts that will be kept at most */
  constructor(most: number) {
    this.#numbered = new NumberedTexts(most);
    this.#values = new Int32Array(most);
  }

  get(text: string): number | undefined {
    const number = this.#numbered.find(text);
    return number < 0 ? undefined : this.#values[number];
  }

  /** The later number of a text stands, as in a `Map`. */
  set(text: string, value: number): void {
    this.#put(this.#numbered.of(text), value);
  }

  /** The number that the text has; `value` becomes it where it has none, and the answer is undefined. */
  getOrSet(text: string, value: number): number | undefined {
    const before = this.#numbered.texts.length;
    const number = this.#numbered.of(text);
    if (number < before) return this.#values[number];
    this.#put(number, value);
    return undefined;
  }

  #put(number: number, value: number): void {
    if (number >= this.#values.length) throw new Error(`More than ${this.#values.length} texts`);
    this.#values[number] = value;
  }
}
