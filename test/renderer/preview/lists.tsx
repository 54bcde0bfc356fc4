/** Payouts, Creators, Subscribers and Reconciliation over the fake. Not shipped. `?go=payouts%3Fstatus%3Dfailed`, `?case=empty`. */
import { navigateTo } from '../../../renderer/state/navigation';
import { fakeCoffer, install } from '../fake-coffer';
import { lists } from '../fake-lists';

const asked = new URLSearchParams(location.search);
install(
  fakeCoffer({
    ...lists,
    'app.unfinished': async () => [],
    ...(asked.get('case') === 'empty' ? { 'monthEnd.periods': async () => [] } : {}),
  }),
);
navigateTo(asked.get('go') ?? 'payouts');
await import('../../../renderer/main');
