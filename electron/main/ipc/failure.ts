import { randomInt } from 'node:crypto';
import type { FailureView } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';
import { diskFailure } from '../../store/disk-failure';
import type { Log } from '../logging';

/** No 0/O and 1/I/L: the person reads it to someone on the phone. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

export function newIncident(): string {
  const letter = () => alphabet.charAt(randomInt(alphabet.length));
  const four = () => letter() + letter() + letter() + letter();
  return `${four()}-${four()}`;
}

/** What the person is told. What they cannot act on goes to the log under an incident number and shows nothing of its inside. */
export function failureOf(
  error: unknown,
  doing: string,
  log: Pick<Log, 'error'>,
  incident: () => string = newIncident,
): FailureView {
  const known = error instanceof CofferError ? error : diskFailure(error);
  if (known !== null) return { code: known.code, message: known.message, hint: known.hint };
  const number = incident();
  log.error(`incident ${number} in ${doing}`, error);
  return {
    code: 'unexpected',
    message: 'Something went wrong inside Coffer, and this was not completed.',
    hint: `Look at the present state before you try again. If it happens again, quote incident ${number}; the details are in Coffer’s log (Help → Show log).`,
  };
}
