import { Button, Failure } from '../components';
import { useAction } from '../state/coffer';
import { useNavigation } from '../state/navigation';
import { useSession } from '../state/session';

/** The first start: the sandbox, or a connection to Stripe. */
export function Welcome() {
  const welcomed = useAction('app.welcomed');
  const load = useSession((session) => session.load);
  const go = useNavigation((navigation) => navigation.go);
  const start = async (screen: 'balances' | 'settings') => {
    const result = await welcomed.run();
    if (!result.ok) return;
    go(screen);
    await load();
  };
  return (
    <main className="welcome">
      <h1>Coffer</h1>
      <p>Payments and Storage apart, month end step by step, and proof for the auditor.</p>
      <div className="welcome-choices">
        <section>
          <h2>Start in the sandbox</h2>
          <p>
            An embedded Stripe with a believable platform of subscribers and creators. Everything works, including
            failures on demand. No account, no network, no real money.
          </p>
          <Button kind="primary" autoFocus isBusy={welcomed.busy} onPress={() => start('balances')}>
            Start in the sandbox
          </Button>
        </section>
        <section>
          <h2>Connect Stripe</h2>
          <p>
            With a restricted key of your Stripe account, test or live. The key is kept in the keychain of this computer
            and is never shown again.
          </p>
          <Button isBusy={welcomed.busy} onPress={() => start('settings')}>
            Connect Stripe
          </Button>
        </section>
      </div>
      {welcomed.error !== undefined && <Failure failure={welcomed.error} />}
    </main>
  );
}
