/** What Coffer does with a keychain, as a process of its own inside one lane. Prints one JSON line. Argument: what to do. */
import { createKeychain } from '../../../electron/keychain/keychain';
import { loadKeytar } from '../../../electron/keychain/keytar-binding';
import { createSecretStore, type KeyNotes } from '../../../electron/keychain/secret-store';
import { readStripeKey } from '../../../electron/keychain/stripe-key';
import { AUDIT_KEY, signerFrom } from '../../../electron/main/signing-keys';

const [task = '', pasted = ''] = process.argv.slice(2);

const keychain = createKeychain({ load: loadKeytar, servicePrefix: 'Coffer lane test', limitMs: 3_000 });
let notes: KeyNotes | null = null;
const secrets = createSecretStore({
  keychain,
  notes: {
    read: async () => notes,
    write: async (next) => {
      notes = next;
    },
  },
  now: () => new Date(),
  refuseLive: () => undefined,
});

/** What was thrown, as the person sees it. */
const attempt = async <T>(work: () => Promise<T>) =>
  work().then(
    (value) => ({ value }),
    (error: { code?: string; hint?: string }) => ({ code: error.code ?? String(error), hint: error.hint }),
  );

async function perform(): Promise<unknown> {
  const { state, hint } = await keychain.status();
  if (task === 'save') {
    const saved = await attempt(() => secrets.setStripeKey(readStripeKey(pasted), false));
    const key = await secrets.stripeKey('test');
    return { state, hint, saved, same: key === pasted, otherMode: await secrets.stripeKey('live') };
  }
  if (task === 'read') return { state, same: (await secrets.stripeKey('test')) === pasted };
  if (task === 'remove') {
    await keychain.remove('test', 'stripe-key');
    return { state, same: (await secrets.stripeKey('test')) === pasted };
  }
  if (task === 'session') {
    const saved = await attempt(() => secrets.setStripeKey(readStripeKey(pasted), true));
    const signer = await signerFrom(secrets, 'test', AUDIT_KEY)();
    return { state, saved, same: (await secrets.stripeKey('test')) === pasted, signer: signer.storage };
  }
  throw new Error(`no such task: ${task}`);
}

process.stdout.write(`${JSON.stringify(await perform())}\n`, () => {
  // A locked keyring may hold a thread for ever.
  process.kill(process.pid, 'SIGKILL');
});
