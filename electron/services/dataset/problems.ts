/** What is wrong with an input file. Line 1 is the header row; line 0 means the file as a whole. */
export interface InputProblem {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  /** What is wrong, what is expected. */
  readonly message: string;
}

export function describeProblem(problem: InputProblem): string {
  return `${problem.file}:${problem.line}: ${problem.column}: ${problem.message}`.replace(/[\r\n\t]+/g, ' ');
}

/** Longest list of problems kept; the count goes on. */
const KEPT = 100_000;

export class ProblemList {
  readonly #kept: InputProblem[] = [];
  #count = 0;

  add(file: string, line: number, column: string, message: string): void {
    this.#count += 1;
    if (this.#kept.length < KEPT) this.#kept.push({ file, line, column, message });
  }

  get count(): number {
    return this.#count;
  }

  get all(): readonly InputProblem[] {
    return this.#kept;
  }
}
