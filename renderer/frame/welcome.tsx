import { useState } from 'react';
import { Button, Failure, TextField } from '../components';
import { useBalances } from '../state/balances';
import { useAction } from '../state/coffer';
import { type Params, type ScreenName, useNavigation } from '../state/navigation';
import { useSession } from '../state/session';
import './welcome.css';

/** The first start: the sandbox, or a connection to Stripe. Nothing is decided for good; Settings changes it. */
export function Welcome() {
  const welcomed = useAction('app.welcomed');
  const named = useAction('app.setOperator');
  const operator = useSession((session) => session.info?.operator ?? '');
  const load = useSession((session) => session.load);
  const go = useNavigation((navigation) => navigation.go);
  const [chosen, setChosen] = useState<'sandbox' | 'stripe'>();
  const [typed, setTyped] = useState<string>();
  const [asked, setAsked] = useState(false);
  const name = (typed ?? operator).trim();
  const start = async (choice: 'sandbox' | 'stripe', screen: ScreenName, params: Params = {}) => {
    setChosen(choice);
    setAsked(true);
    if (name === '') return;
    if (name !== operator && !(await named.run({ name })).ok) return;
    const result = await welcomed.run();
    if (!result.ok) return;
    go(screen, params);
    await Promise.all([load(), useBalances.getState().load()]);
  };
  const busy = (choice: 'sandbox' | 'stripe') => (named.busy || welcomed.busy) && chosen === choice;
  return (
    <main className="first-run">
      <header>
        <h1>Coffer</h1>
        <p className="first-run-lead">
          Keeps what you owe creators apart from what you own, closes the month step by step, and proves every cent to
          an auditor.
        </p>
      </header>
      <div className="first-run-name">
        <TextField
          label="Your name"
          value={typed ?? operator}
          onChange={setTyped}
          maxLength={80}
          hint="Stands beside every approval and every event of the audit log from the first one on."
          {...(asked && name === '' ? { error: 'Write a name: approvals need one.' } : {})}
        />
      </div>
      <div className="first-run-choices">
        <section aria-labelledby="try-it">
          <h2 id="try-it">Try it in the sandbox</h2>
          <p>
            A Stripe inside Coffer, with a believable platform of subscribers and creators. No account, no network, no
            real money.
          </p>
          <ul>
            <li>Migrate a mixed balance and close a month, to the last cent</li>
            <li>Let payouts fail, come back, or end unknown, and see what to do</li>
            <li>Start afresh whenever you like</li>
          </ul>
          <span className="first-run-push" />
          <Button kind="primary" autoFocus isBusy={busy('sandbox')} onPress={() => start('sandbox', 'balances')}>
            Start in the sandbox
          </Button>
        </section>
        <section aria-labelledby="connect">
          <h2 id="connect">Connect Stripe</h2>
          <p>With a restricted key of your account, test or live. It stays in the keychain of this computer.</p>
          <ul>
            <li>It lets Coffer read both balances and their lines</li>
            <li>It lets Coffer move money from Payments to Storage and pay creators, when you approve it</li>
            <li>It needs no permission to charge or refund anyone, or to change bank accounts</li>
          </ul>
          <span className="first-run-push" />
          <Button isBusy={busy('stripe')} onPress={() => start('stripe', 'settings', { tab: 'stripe' })}>
            Connect Stripe
          </Button>
        </section>
      </div>
      {named.error !== undefined && <Failure failure={named.error} />}
      {welcomed.error !== undefined && <Failure failure={welcomed.error} />}
      <section aria-label="What comes next">
        <ol className="first-run-steps">
          <li>Choose above; Settings changes it later</li>
          <li>Import payments and allocations as CSV files (the sandbox has its own)</li>
          <li>Balances says whether it is all there, and what to do next</li>
        </ol>
      </section>
    </main>
  );
}
