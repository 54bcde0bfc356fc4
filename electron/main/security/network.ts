/**
 * The pages load nothing from any network, whatever a page asks for: only main talks to Stripe.
 * https://www.electronjs.org/docs/latest/tutorial/security#1-only-load-secure-content
 */
import type { Session } from 'electron';

const schemes = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];

export function cutNetwork(session: Session): void {
  session.webRequest.onBeforeRequest({ urls: schemes.map((scheme) => `${scheme}://*/*`) }, (_details, decide) =>
    decide({ cancel: true }),
  );
}
