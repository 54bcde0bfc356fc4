/** What can happen, as data, so that a sequence can be shrunk and played again. */
import fc from 'fast-check';

export type ModelCommand =
  /** A subscription payment lands in Payments; available at once or in two days. */
  | { readonly do: 'charge'; readonly amount: number; readonly later: boolean; readonly euro: boolean }
  /** More rows for the month: a payment and an allocation, perhaps to someone nobody knows. */
  | { readonly do: 'import'; readonly amount: number; readonly creator: number }
  | { readonly do: 'hold'; readonly creator: number; readonly held: boolean }
  /** The next step of the month end; sometimes without what has to be typed. */
  | { readonly do: 'step'; readonly typed: boolean }
  | { readonly do: 'migrate' }
  | { readonly do: 'roll back' }
  | { readonly do: 'poll' }
  /** The person in the dashboard makes the release that Coffer asks for, if any. */
  | { readonly do: 'guided' }
  /** Somebody moves money without Coffer. */
  | { readonly do: 'outside'; readonly amount: number; readonly how: 'out' | 'in' | 'to a creator' | 'to a bank' }
  | { readonly do: 'explain' }
  | { readonly do: 'give back'; readonly which: number; readonly how: 'return' | 'fail' }
  | { readonly do: 'fate'; readonly how: 'payout_fail_later' | 'payout_return_later' }
  | { readonly do: 'fail funding'; readonly which: number }
  | { readonly do: 'retry'; readonly which: number }
  | { readonly do: 'clock'; readonly hours: number }
  | { readonly do: 'prune' }
  | { readonly do: 'break'; readonly how: string; readonly nth: number; readonly times: number }
  | { readonly do: 'mend' }
  | { readonly do: 'account'; readonly creator: number; readonly payable: boolean }
  /** The process ends at the nth labelled point from now. */
  | { readonly do: 'kill'; readonly points: number }
  | { readonly do: 'restart' };

const which = fc.nat(20);
const creator = fc.integer({ min: 1, max: 3 });

export const commandArbitrary: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant('step' as const), typed: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('step' as const), typed: fc.constant(false) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('migrate' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('roll back' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('guided' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('charge' as const),
      amount: fc.integer({ min: 1, max: 30_000 }),
      later: fc.boolean(),
      euro: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      amount: fc.integer({ min: 1, max: 9_000 }),
      creator: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), creator, held: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('outside' as const),
      amount: fc.integer({ min: 1, max: 5_000 }),
      how: fc.constantFrom('out' as const, 'in' as const, 'to a creator' as const, 'to a bank' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('explain' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('give back' as const),
      which,
      how: fc.constantFrom('return' as const, 'fail' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fate' as const),
      how: fc.constantFrom('payout_fail_later' as const, 'payout_return_later' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail funding' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), hours: fc.constantFrom(1, 12, 25, 60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prune' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      how: fc.constantFrom(
        'drop_before_execute',
        'drop_after_execute',
        'truncated_body',
        'conflict_409',
        'error_500_not_stored',
        'error_500_stored',
        'wrong_livemode',
      ),
      nth: fc.integer({ min: 1, max: 3 }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mend' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('account' as const), creator, payable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), points: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
