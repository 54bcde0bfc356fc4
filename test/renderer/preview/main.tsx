/** The renderer over the fake, to look at screens without the main process. Not shipped. `?case=offline|empty|live|quiet|large`, `?gallery`. */

import type { FakeAnswers } from '../fake-coffer';
import { believable, fakeCoffer, install, overview } from '../fake-coffer';

const cases: Readonly<Record<string, FakeAnswers>> = {
  offline: {
    'balances.overview': async () => ({
      ...overview,
      connection: 'offline',
      connectionDetail: 'The last three readings failed.',
      stale: true,
    }),
  },
  empty: {
    'balances.overview': async () => ({
      ...overview,
      asOf: null,
      connection: 'not-configured',
      connectionDetail: 'There is no key in the keychain.',
      currencies: [],
      openPeriod: null,
    }),
    'alerts.list': async () => [],
    'app.unfinished': async () => [],
  },
  live: {
    'app.unfinished': async () => [],
    'app.info': async () => {
      const info = await believable['app.info']?.(undefined);
      if (info === undefined) throw new Error('The fake has no app.info');
      return { ...info, mode: 'live' };
    },
  },
  large: {
    'balances.overview': async () => ({
      ...overview,
      currencies: overview.currencies.map((one) => ({
        ...one,
        storageAvailable: '123456789012',
        owed: '123579012',
        inboundPending: '1234567890',
        outboundPending: '987654321',
        difference: '-23456789012',
      })),
    }),
  },
  quiet: { 'app.unfinished': async () => [] },
};

install(fakeCoffer(cases[new URLSearchParams(location.search).get('case') ?? '']));
if (location.search.includes('gallery')) {
  const [{ createRoot }, { default: Gallery }, { ToastRegion }] = await Promise.all([
    import('react-dom/client'),
    import('./gallery'),
    import('../../../renderer/components'),
    import('../../../renderer/styles/tokens.css'),
    import('../../../renderer/styles/base.css'),
    import('../../../renderer/frame/frame.css'),
  ]);
  const root = document.getElementById('root');
  if (root !== null) {
    createRoot(root).render(
      <main className="screen" style={{ height: '100%' }} id="screen">
        <Gallery />
        <ToastRegion />
      </main>,
    );
  }
} else {
  await import('../../../renderer/main');
}
