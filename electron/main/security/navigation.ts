/**
 * A window stays on our pages.
 * https://www.electronjs.org/docs/latest/tutorial/security#13-disable-or-limit-navigation
 */
import type { Log } from '../logging';
import { appAddress } from './app-address';
import { onEveryWebContents } from './every-web-contents';

export function limitNavigation(log: Pick<Log, 'warn'>): void {
  onEveryWebContents((contents) => {
    const guard = (event: { preventDefault(): void; readonly url: string }) => {
      if (appAddress(event.url)) return;
      event.preventDefault();
      log.warn('refused to leave the app for another address', event.url.slice(0, 200));
    };
    contents.on('will-navigate', guard);
    contents.on('will-frame-navigate', guard);
    contents.on('will-redirect', guard);
  });
}
