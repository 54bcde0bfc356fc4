/**
 * UUIDs whose order is the order in which they were made: version 7 of RFC 9562. Rows that are written one after the other lie beside
 * each other in every table and index that begins with such an id, so that a payout changes a few pages of the database and not twenty.
 */
import { randomUUID } from 'node:crypto';

const COUNTS_PER_MS = 0x1000;

let lastMs = 0;
let count = 0;

/**
 * 48 bits of time, 12 that count within the millisecond, 62 that are random. A clock that is set back, or more ids than a
 * millisecond has, count on from the latest time.
 * @param now milliseconds since 1970
 */
export function timeOrderedId(now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    count = 0;
  } else {
    count += 1;
    if (count === COUNTS_PER_MS) {
      lastMs += 1;
      count = 0;
    }
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const random = randomUUID().slice(19);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-${random}`;
}
