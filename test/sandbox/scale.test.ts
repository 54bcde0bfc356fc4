/** The sizes of the product page: 100,000 connected accounts and a long history must not make a request slow. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedStripe } from '../../electron/sandbox';
import { createOutboundPayment } from '../../electron/sandbox/operations/outbound-payments';
import { settleDue } from '../../electron/sandbox/operations/settlement';
import type { Work } from '../../electron/sandbox/operations/work';
import { applySeed } from '../../electron/sandbox/seed';
import { SandboxState } from '../../electron/sandbox/state/state';
import { clientOf } from './harness';

const MANY = 100_000;
const PAID = 20_000;

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

test('100,000 accounts and 20,000 payouts: pages stay quick, and so does a restart', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'coffer-scale-'));
  const file = join(dir, 'state.jsonl');
  try {
    const accounts = Array.from({ length: MANY }, (_, i) => ({ id: `acct_${i}`, payouts_enabled: true }));
    const state = await SandboxState.open({
      file,
      now: () => new Date(),
      seed: (fresh) =>
        applySeed(fresh, { payments_available: { usd: 0 }, storage_available: { usd: '100000000' }, accounts }),
    });
    const workAt = (now: number): Work => ({ state, now, settlementDelay: 0, request: null, fate: 'settle' });
    for (const recipient of state.accounts.all().slice(0, PAID)) {
      state.transact(() =>
        createOutboundPayment(workAt(state.clock.now()), {
          amount: 10n,
          currency: 'usd',
          recipient,
          payoutMethod: null,
          payoutMethodOptions: null,
          notification: 'none',
          recipientVerification: null,
          statementDescriptor: null,
          description: null,
          metadata: { coffer_intent: recipient.id },
        }),
      );
    }
    settleDue(state, state.clock.now(), workAt);
    await state.close();

    let server = await startEmbeddedStripe({ stateFile: file });
    const restart = await milliseconds(async () => {
      await server.close();
      server = await startEmbeddedStripe({ stateFile: file });
    });
    const stripe = clientOf(server.port);
    await stripe.balance.retrieve();
    const payments = stripe.v2.moneyManagement.outboundPayments;
    const oldest = (await payments.list({ recipient: 'acct_0' })).data[0];
    expect(oldest?.status).toBe('posted');
    const quick = await milliseconds(async () => {
      for (let i = 0; i < 20; i++) {
        await payments.list({ limit: 100 });
        await payments.retrieve(oldest?.id ?? '');
        await stripe.accounts.list({ limit: 100, starting_after: `acct_${50_000 + i}` });
        await stripe.v2.moneyManagement.transactions.list({ flow: oldest?.id ?? '' });
      }
    });
    expect(quick / 80).toBeLessThan(50);
    expect(restart).toBeLessThan(30_000);
    await server.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
