/** The lines that name a movement, put together by movement and balance. */
import { TextIndex } from '../text-index';
import type { LineToMatch, MovementToMatch, Side } from './verdicts';

/** The lines of each movement on each balance, as chains through the input: no list is made for a movement with one line. */
export class Groups {
  /** Lines that belong to no movement. */
  readonly rest: number[] = [];
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;

  constructor(lines: readonly LineToMatch[], movements: readonly MovementToMatch[]) {
    this.#first = new Int32Array(movements.length * 2).fill(-1);
    this.#last = new Int32Array(movements.length * 2).fill(-1);
    this.#next = new Int32Array(lines.length).fill(-1);
    const objects = movements.reduce((sum, movement) => sum + movement.objects.length, 0);
    const named = lines.some((line) => line.decided !== null && line.decided.intentId !== null);
    const byObject = new TextIndex(objects);
    const byIntent = new TextIndex(named ? movements.length : 0);
    for (const [position, movement] of movements.entries()) {
      if (named) byIntent.set(movement.intentId, position);
      for (const object of movement.objects) byObject.set(object, position);
    }
    lines.forEach((line, place) => {
      const intentId = line.decided?.intentId ?? null;
      const position =
        intentId === null
          ? ((line.source === null ? undefined : byObject.get(line.source)) ?? byObject.get(line.stripeId))
          : byIntent.get(intentId);
      if (position === undefined) this.rest.push(place);
      else this.#append(slot(position, line.side), place);
    });
  }

  #append(at: number, place: number): void {
    const last = this.#last[at] ?? -1;
    if (last < 0) this.#first[at] = place;
    else this.#next[last] = place;
    this.#last[at] = place;
  }

  isEmpty(position: number, side: Side): boolean {
    return (this.#first[slot(position, side)] ?? -1) < 0;
  }

  /** The only line there is; undefined when there is none or several. */
  lone(position: number, side: Side): number | undefined {
    const first = this.#first[slot(position, side)] ?? -1;
    return first >= 0 && first === this.#last[slot(position, side)] ? first : undefined;
  }

  of(position: number, side: Side): number[] {
    const places: number[] = [];
    for (let place = this.#first[slot(position, side)] ?? -1; place >= 0; place = this.#next[place] ?? -1) {
      places.push(place);
    }
    return places;
  }
}

function slot(position: number, side: Side): number {
  return position * 2 + (side === 'storage' ? 1 : 0);
}
