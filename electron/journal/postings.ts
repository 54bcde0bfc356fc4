/** What each stage of a movement means in the ledger. Source: docs/moving-money.md, "Entries". */
import { INBOUND, OUTBOUND, owedTo, PAYMENTS, STORAGE, WITHDRAWING, WITHDRAWN } from '../ledger/accounts';
import { move, type Posting } from '../ledger/ledger';
import { type IntentKind, movementKind } from './intent';

interface Movement {
  readonly kind: IntentKind;
  readonly creatorId: string | null;
  readonly currency: string;
  readonly amount: bigint;
}

interface Route {
  readonly source: string;
  readonly transit: string;
  readonly target: string;
  /** Where the money is while it is posted; a payout's has left us. */
  readonly returnsTo: string;
}

function route(movement: Movement): Route {
  switch (movementKind(movement.kind)) {
    case 'fund':
      return { source: PAYMENTS, transit: INBOUND, target: STORAGE, returnsTo: PAYMENTS };
    case 'release':
      return { source: STORAGE, transit: INBOUND, target: PAYMENTS, returnsTo: STORAGE };
    case 'withdraw':
      return { source: PAYMENTS, transit: WITHDRAWING, target: WITHDRAWN, returnsTo: PAYMENTS };
    case 'pay': {
      if (movement.creatorId === null) throw new Error('A payout without a creator');
      return { source: STORAGE, transit: OUTBOUND, target: owedTo(movement.creatorId), returnsTo: STORAGE };
    }
  }
}

/** Written with the intent: the money leaves its account and is on its way. */
export function pendingPostings(movement: Movement): Posting[] {
  const { source, transit } = route(movement);
  return move(source, transit, movement.currency, movement.amount);
}

/** Written when it arrived; a payout stops being owed only here. */
export function settledPostings(movement: Movement): Posting[] {
  const { transit, target } = route(movement);
  return move(transit, target, movement.currency, movement.amount);
}

/** Written when nothing moved after all. */
export function voidPostings(movement: Movement): Posting[] {
  const { source, transit } = route(movement);
  return move(transit, source, movement.currency, movement.amount);
}

/** Written when it had been posted and came back: a payout is owed again. */
export function returnedPostings(movement: Movement): Posting[] {
  const { target, returnsTo } = route(movement);
  return move(target, returnsTo, movement.currency, movement.amount);
}
