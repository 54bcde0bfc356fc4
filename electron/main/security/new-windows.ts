/**
 * No page opens a window, and no address is handed to the system's browser.
 * https://www.electronjs.org/docs/latest/tutorial/security#14-disable-or-limit-creation-of-new-windows
 * https://www.electronjs.org/docs/latest/tutorial/security#15-do-not-use-shellopenexternal-with-untrusted-content
 */
import { onEveryWebContents } from './every-web-contents';

export function denyNewWindows(): void {
  onEveryWebContents((contents) => contents.setWindowOpenHandler(() => ({ action: 'deny' })));
}
