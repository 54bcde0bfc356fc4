/**
 * A failure that the person can act on. `message` and `hint` are shown as they are: plain words, no identifiers of ours,
 * never a secret. Anything else that is thrown counts as a bug and is shown as "unexpected" with an incident number.
 */
export class CofferError extends Error {
  override readonly name = 'CofferError';
  readonly code: string;
  /** What to do next. */
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
