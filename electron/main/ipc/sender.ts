/**
 * Who may call: the top frame of one of our windows, showing our own pages.
 * https://www.electronjs.org/docs/latest/tutorial/security#17-validate-the-sender-of-all-ipc-messages
 */
export const appOrigin = 'app://coffer';

/** The part of Electron's `IpcMainInvokeEvent` that says who calls. */
export interface CallEvent {
  readonly sender: { readonly id: number };
  /** Null when the frame navigated away or was destroyed. */
  readonly senderFrame: { readonly origin: string; readonly parent: object | null } | null;
}

/** Why the call is refused, for the log; null when it may pass. */
export function senderProblem(event: CallEvent, isKnownWindow: (webContentsId: number) => boolean): string | null {
  if (!isKnownWindow(event.sender.id)) return 'not one of our windows';
  try {
    const frame = event.senderFrame;
    if (!frame) return 'the frame is gone';
    if (frame.parent !== null) return 'not the top frame';
    if (frame.origin !== appOrigin) return 'a page of another origin';
    return null;
  } catch {
    // Electron throws when a frame is asked for something after its disposal.
    return 'the frame is gone';
  }
}
