/**
 * `webviewTag` is off; should one appear all the same, it is not attached.
 * https://www.electronjs.org/docs/latest/tutorial/security#12-verify-webview-options-before-creation
 */
import { onEveryWebContents } from './every-web-contents';

export function denyWebviews(): void {
  onEveryWebContents((contents) => contents.on('will-attach-webview', (event) => event.preventDefault()));
}
