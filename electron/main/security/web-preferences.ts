/**
 * What a page of ours may do. Electron's defaults are mostly these; they are written down so that a change is seen.
 * https://www.electronjs.org/docs/latest/tutorial/security#2-do-not-enable-nodejs-integration-for-remote-content
 * https://www.electronjs.org/docs/latest/tutorial/security#3-enable-context-isolation
 * https://www.electronjs.org/docs/latest/tutorial/security#4-enable-process-sandboxing
 * https://www.electronjs.org/docs/latest/tutorial/security#6-do-not-disable-websecurity
 */
import type { WebPreferences } from 'electron';

export function webPreferences(preload: string, packaged: boolean): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    devTools: !packaged,
    // Chromium would fetch its dictionaries from the network.
    spellcheck: false,
  };
}
