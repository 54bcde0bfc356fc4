/** How work grows with its size, held against n log n. */
import { compared, figure, type Result } from './harness';

export const SIZES = [1, 4, 16] as const;

/** @param base the size at 1× @param times milliseconds at 1×, 4× and 16× */
export function grown(name: string, base: number, [one = 0, four = 0, sixteen = 0]: readonly number[]): Result[] {
  const expected = (one * 16 * Math.log(base * 16)) / Math.log(base);
  return [
    figure(`${name} at 1×`, one, 'ms'),
    figure(`${name} at 4×`, four, 'ms'),
    compared(`growth of ${name} to 16×`, sixteen, 'ms', 'n log n from 1×', expected),
  ];
}
