import { Notification } from 'electron';

/** What a person should hear of while they look elsewhere. `screen` is where a click leads. No amounts: others may see the screen. */
export interface Notifier {
  runFinished(title: string, body: string, screen: string): void;
  runStopped(title: string, body: string, screen: string): void;
  criticalAlert(title: string, body: string): void;
}

const LOCKED = { title: 'Coffer has news', body: 'Unlock Coffer to see it.' };

/** @param open brings the window to the front on that screen; @param isLocked nothing is said while the app is locked but that there is something */
export function nativeNotifier(open: (screen: string) => void, isLocked: () => boolean): Notifier {
  /** A notification without a reference may be collected before it is clicked. */
  const shown = new Set<Notification>();

  function show(title: string, body: string, screen: string, urgent: boolean): void {
    if (!Notification.isSupported()) return;
    const words = isLocked() ? LOCKED : { title, body };
    const notification = new Notification({ ...words, urgency: urgent ? 'critical' : 'normal', silent: !urgent });
    const forget = () => shown.delete(notification);
    notification.on('click', () => {
      forget();
      open(screen);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    if (shown.size >= 20) shown.clear();
    shown.add(notification);
    notification.show();
  }

  return {
    runFinished: (title, body, screen) => show(title, body, screen, false),
    runStopped: (title, body, screen) => show(title, body, screen, true),
    criticalAlert: (title, body) => show(title, body, 'balances', true),
  };
}
