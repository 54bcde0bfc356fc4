/**
 * The rows of a list as bytes. Whenever garbage is collected, hundreds of thousands of objects that stay are gone through, and the end of
 * that holds up the main loop. Nobody goes through bytes: a row is made of them when it is asked for.
 */
import { inChunks } from '../../store/chunks';
import { slices } from '../slices';

/** A text for each row in UTF-8, each with a line break after it. */
interface Texts {
  readonly bytes: Uint8Array;
  /** Where each text has ended, its line break included. */
  readonly ends: Uint32Array;
}

/** Plain data: it crosses from the worker, and its memory changes hands. */
export interface PackedList {
  /** JSON. */
  readonly rows: Texts;
  /** What a search looks into, in small letters. */
  readonly searched: Texts;
}

/** @param searched the texts of a row that a search looks into */
export async function packList<Row>(
  rows: readonly Row[],
  searched: (row: Row) => readonly string[],
): Promise<PackedList> {
  return {
    rows: await packTexts(rows, (row) => JSON.stringify(row)),
    // A line break cannot be typed into a search: no match reaches over two texts.
    searched: await packTexts(rows, (row) => searched(row).join('\n').toLowerCase()),
  };
}

async function packTexts<Row>(rows: readonly Row[], textOf: (row: Row) => string): Promise<Texts> {
  const ends = new Uint32Array(rows.length);
  const pieces: Buffer[] = [];
  const pause = slices();
  let place = 0;
  let end = 0;
  for (const some of inChunks(rows)) {
    await pause();
    let piece = '';
    for (const row of some) {
      const text = `${textOf(row)}\n`;
      piece += text;
      end += Buffer.byteLength(text);
      ends[place] = end;
      place += 1;
    }
    pieces.push(Buffer.from(piece));
  }
  return { bytes: Buffer.concat(pieces), ends };
}

/** Bytes that are searched without a pause. */
const SEARCHED_AT_ONCE = 1_000_000;

export class ListRows<Row> {
  readonly #rows: Texts;
  readonly #searched: Texts;

  constructor({ rows, searched }: PackedList) {
    this.#rows = rows;
    this.#searched = searched;
  }

  get length(): number {
    return this.#rows.ends.length;
  }

  /** The row at a place that there is. */
  row(place: number): Row {
    const { bytes, ends } = this.#rows;
    return JSON.parse(bufferOf(bytes).toString('utf8', startOf(ends, place), ends[place])) as Row;
  }

  /** The places of rows with `wanted`, which is in small letters and not empty, in one of their texts. */
  async search(wanted: string): Promise<Uint32Array> {
    const { bytes, ends } = this.#searched;
    const buffer = bufferOf(bytes);
    const sought = Buffer.from(wanted);
    const found = new Uint32Array(ends.length);
    const pause = slices();
    let count = 0;
    let place = 0;
    while (place < ends.length) {
      await pause();
      const start = startOf(ends, place);
      let last = place;
      while (last + 1 < ends.length && (ends[last + 1] as number) - start <= SEARCHED_AT_ONCE) last += 1;
      const part = buffer.subarray(start, ends[last]);
      for (let hit = part.indexOf(sought); hit !== -1; ) {
        while ((ends[place] as number) <= start + hit) place += 1;
        const end = (ends[place] as number) - start;
        // What reaches over the end of a row is in none.
        const isInside = hit + sought.length < end;
        if (isInside) found[count++] = place;
        hit = part.indexOf(sought, isInside ? end : hit + 1);
      }
      place = last + 1;
    }
    return found.slice(0, count);
  }
}

function startOf(ends: Uint32Array, place: number): number {
  return place === 0 ? 0 : (ends[place - 1] as number);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
