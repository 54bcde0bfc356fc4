/** What reconciliation found, in an accountant's words: class, cause and what to do. */
import type { ExceptionClass } from '../../../shared/contract/proof';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { Intent } from '../../journal/intent';
import { ownTraffic } from './line-types';
import type { LineToMatch, Verdict } from './verdicts';

export const CLASS_WORDS: Readonly<Record<ExceptionClass, string>> = {
  'unknown-to-us': 'Unknown to us',
  'unknown-to-stripe': 'Unknown to Stripe',
  'amount-differs': 'Amount differs',
  'currency-differs': 'Currency differs',
  duplicate: 'Duplicate',
  late: 'Late',
  'outside-movement': 'Outside movement',
};

/** An explanation with the class before it, as exports carry it. */
export function withClass(kind: string | null, explanation: string): string {
  const words = kind === null ? undefined : new Map<string, string>(Object.entries(CLASS_WORDS)).get(kind);
  return words === undefined ? explanation : `${words}: ${explanation}`;
}

export function spoken(amount: bigint, currency: string): string {
  return amountText(amount, toCurrency(currency));
}

type Named = Pick<Intent, 'creator_id' | 'period' | 'run'> & { readonly kind: string };

/** A movement of ours by what it is for. */
export function movementWords(intent: Named): string {
  switch (intent.kind) {
    case 'pay':
      return `Payout to ${intent.creator_id}, ${intent.period}`;
    case 'release':
      return 'Release from Storage to Payments';
    case 'withdraw':
      return 'Withdrawal to the bank account';
    case 'compensate':
      return 'Rollback of a migration';
    case 'canary':
      return 'First (canary) movement of a migration';
    default:
      return intent.run.startsWith('migration:') ? 'Migration from Payments to Storage' : 'Funding of Storage';
  }
}

const WAITS: Readonly<Record<NonNullable<Verdict['waits']>, string>> = {
  'under-way': 'A movement of ours of this amount is under way; matched when its outcome is recorded',
  'came-back': 'It came back at Stripe; matched when that is recorded in the books',
  parts: 'Part of a movement of ours that is under way; matched when all of it is there',
};

/** What was found about a line, without its class. `intent` is the first movement it belongs to. */
export function foundWords(line: LineToMatch, verdict: Verdict, intent: Named | undefined): string {
  const { intentIds, booked } = verdict;
  const ours = intent === undefined ? '' : movementWords(intent);
  if (verdict.waits !== null) return WAITS[verdict.waits];
  switch (verdict.exception) {
    case null:
      if (intentIds.length > 1) return `${ours}, with ${intentIds.length - 1} more of its batch as one line`;
      return intent === undefined ? (ownTraffic(line)?.words ?? line.type) : ours;
    case 'amount-differs':
      return booked === null
        ? `Stripe shows ${spoken(line.amount, line.currency)} for a movement of which the books have nothing more (${ours})`
        : `Stripe shows ${spoken(line.amount, line.currency)}, the books ${spoken(booked.amount, booked.currency)} (${ours})`;
    case 'currency-differs':
      return booked === null
        ? `Stripe shows ${spoken(line.amount, line.currency)} in a currency that the movement does not have (${ours})`
        : `Stripe shows ${spoken(line.amount, line.currency)}, the books ${spoken(booked.amount, booked.currency)} (${ours})`;
    case 'duplicate':
      return intent === undefined
        ? `Stripe shows ${line.source} a second time, with the same amount`
        : `Stripe shows a second line of the same amount (${ours})`;
    case 'late':
      return intent === undefined
        ? `${ownTraffic(line)?.words ?? line.type}, listed after the close of its month`
        : `Listed after its absence was explained (${ours})`;
    case 'outside-movement':
      return line.side === 'storage'
        ? 'Not a movement of ours: money moved in Storage outside Coffer'
        : `Not a movement of ours: a ${line.type.replaceAll('_', ' ')} of Payments made outside Coffer`;
    case 'unknown-to-us':
    case 'unknown-to-stripe':
      return `A ${line.type.replaceAll('_', ' ')} that Coffer did not make and has no rule for`;
  }
}

export function missingWords(intent: Named & Pick<Intent, 'stripe_object'>, amount: bigint, currency: string): string {
  return `No line shows ${spoken(amount, currency)} for ${intent.stripe_object ?? 'this movement'} (${movementWords(intent)})`;
}

/** The probable cause of an exception, and what an accountant does about it. */
export function adviceOn(
  kind: ExceptionClass,
  side: 'payments' | 'storage' | 'ledger',
): { cause: string; suggestion: string } {
  switch (kind) {
    case 'unknown-to-us':
      return {
        cause:
          'Stripe booked something of a kind that Coffer has no rule for: a reserve, a fee of another product, a conversion.',
        suggestion:
          'Open the line in the Stripe dashboard and read what it is for. If it is right, post it: against Stripe’s costs when it is a charge of Stripe’s, else against the platform’s own funds. If not, ask Stripe.',
      };
    case 'unknown-to-stripe':
      return {
        cause:
          'The books hold a movement that Stripe does not list. It was not executed, or Stripe has removed or not yet listed it.',
        suggestion:
          'Look the movement up at Stripe by its id. Wait a day if it is fresh. If Stripe confirms that it never moved, post the correction; what it paid is then owed again and has to be paid anew.',
      };
    case 'amount-differs':
      return {
        cause: 'Stripe moved another amount than was ordered: a fee was taken out of it, or part of it came back.',
        suggestion:
          'Compare both amounts with Stripe’s receipt. Post the difference against Stripe’s costs if it is a fee, else against the platform’s own funds, and claim it from Stripe or the creator.',
      };
    case 'currency-differs':
      return {
        cause:
          'Stripe carried the movement out in another currency than was ordered: a conversion at Stripe or at the bank.',
        suggestion:
          'Find the rate in the Stripe dashboard. Post it: the books take back the ordered currency and take on the one that moved. Then top up the currency that is short.',
      };
    case 'duplicate':
      return {
        cause: 'Stripe shows the same money twice, or a movement was carried out twice.',
        suggestion:
          'Ask Stripe which of the two lines stands. Post it now so that the balances agree; when Stripe or the recipient gives it back, that line is matched against this one.',
      };
    case 'late':
      return {
        cause: 'Stripe listed the line after the month that it belongs to was closed.',
        suggestion:
          'The closed month stays as it was signed. Post the line to the open month; it is named with its own date in the records.',
      };
    case 'outside-movement':
      return side === 'storage'
        ? {
            cause:
              'Somebody moved money of Storage in the Stripe dashboard, or by another program with a key of this account.',
            suggestion:
              'Find out who did it in the dashboard under Developers, Logs or Team. Bring the money back, then explain both lines. If it was right, write who approved it and post it.',
          }
        : {
            cause:
              'Somebody moved money of Payments in the dashboard, or Stripe did by an automatic payout or a transfer rule.',
            suggestion:
              'Check under Settings, Payouts that payouts are manual and no transfer rule is set. Match the line with the bank statement, then post it as taken out by the platform.',
          };
  }
}
