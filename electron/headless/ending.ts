/** How a command ends: 0 done, 2 bad input, 3 stopped for a person, 4 an outcome is unknown, 5 the books are damaged, 1 a bug. */
export const DONE = 0;
export const BUG = 1;
export const BAD_INPUT = 2;
export const STOPPED = 3;
export const UNKNOWN = 4;
export const DAMAGED = 5;

export interface Ending {
  readonly exit: number;
  /** Printed as the one line on standard output. */
  readonly summary: Readonly<Record<string, unknown>>;
}
