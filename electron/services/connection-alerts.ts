/**
 * What is wrong with the connection itself, looked at with every reading: settings at Stripe that move money without being asked, a
 * key that is rejected or lacks a permission, and the clock. What cannot be asked leaves the alerts as they are.
 */
import type { RailFinding } from '../rails/segregation-rail';
import { type StripeProblem, StripeUnavailable } from '../stripe/problem';
import { type Condition, evaluateConditions } from './alerts';
import type { ServiceContext } from './context';

/** Every permission of a restricted key is asked for at the first reading and then once a day: it takes a call for each. */
const PERMISSIONS_EVERY_MS = 86_400_000;

const HAZARDS: Readonly<Record<string, string>> = {
  'automatic-payouts': 'Stripe may pay Payments out by itself',
  'transfer-rules': 'Stripe moves money out of Payments by itself',
  'payouts-disabled': 'Stripe has disabled payouts',
};

export class ConnectionWatch {
  #askedAt: number | null = null;
  #missing: readonly RailFinding[] = [];

  /** `problem`: why the balances could not be read this time; null when they were. */
  async look(context: ServiceContext, problem: StripeProblem | null): Promise<void> {
    const refused = problem ?? (await this.#read(context));
    if (refused === null) return;
    if (refused.code === 'not-configured')
      return void (await evaluateConditions(context, ['hazard', 'key', 'clock'], []));
    if (refused.kind === 'auth' || refused.kind === 'permission') {
      // The next key, or this one with more rights, is asked for everything again.
      this.#askedAt = null;
      await evaluateConditions(context, ['key'], [refusedKey(refused)]);
    }
  }

  async #read(context: ServiceContext): Promise<StripeProblem | null> {
    const now = context.now().getTime();
    try {
      const hazards = await context.rail.hazards();
      if (this.#askedAt === null || now - this.#askedAt >= PERMISSIONS_EVERY_MS || now < this.#askedAt) {
        this.#missing = (await context.rail.permissions()).filter((finding) => finding.outcome === 'blocker');
        this.#askedAt = now;
      }
      await evaluateConditions(
        context,
        ['hazard', 'key', 'clock'],
        [...hazards.flatMap(hazardCondition), ...this.#missing.map(missingPermission)],
      );
      return null;
    } catch (error) {
      if (error instanceof StripeUnavailable) return error.problem;
      throw error;
    }
  }
}

function hazardCondition(finding: RailFinding): Condition[] {
  if (finding.outcome !== 'warning' && finding.outcome !== 'blocker') return [];
  const { code, detail: meaning, action } = finding;
  const told = { severity: 'warning', meaning, action, screen: 'balances', after: 1 } as const;
  if (code === 'clock-skew')
    return [{ ...told, condition: 'clock:skew', title: 'The clock of this computer is wrong' }];
  const title = HAZARDS[code];
  return title === undefined ? [] : [{ ...told, condition: `hazard:${code}`, title }];
}

function missingPermission({ detail, action }: RailFinding): Condition {
  return {
    condition: `key:${detail}`,
    severity: 'critical',
    title: 'The Stripe key lacks a permission',
    meaning: detail,
    action,
    screen: 'settings',
    after: 1,
  };
}

function refusedKey(problem: StripeProblem): Condition {
  const rejected = problem.kind === 'auth';
  return {
    condition: rejected ? 'key:rejected' : 'key:permission',
    severity: 'critical',
    title: rejected ? 'Stripe rejects the key' : 'The Stripe key lacks a permission',
    meaning: `${problem.message} The balances are not read, and nothing can be moved.`,
    action: problem.hint,
    screen: 'settings',
    after: 1,
  };
}
