/**
 * The production fuses: what the packaged executable cannot be asked to do, whoever starts it. The names are electron-builder's.
 * https://www.electronjs.org/docs/latest/tutorial/fuses
 */
export const productionFuses = {
  /** No ELECTRON_RUN_AS_NODE: the signed executable is not a Node for other people's scripts. */
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  /** Coffer keeps no cookies; should Chromium ever write one, it is encrypted. */
  enableCookieEncryption: true,
  /** Checked by Electron on macOS and Windows only; on Linux the fuse is set and does nothing. */
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  /** There is no browser snapshot of its own to load. */
  loadBrowserProcessSpecificV8Snapshot: false,
  /** Pages come from app://coffer; file:// gets no more than a browser would give it. */
  grantFileProtocolExtraPrivileges: false,
};
