/**
 * The pages need no camera, location, notification or device. The one thing they may do is put text on the clipboard,
 * after a click, so that a person can copy a Stripe id.
 * https://www.electronjs.org/docs/latest/tutorial/security#5-handle-session-permission-requests-from-remote-content
 */
import type { Session } from 'electron';
import { appOrigin } from '../ipc/sender';

const allowed = 'clipboard-sanitized-write';

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === allowed));
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowed && originOf(origin) === appOrigin,
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault();
    choose(null);
  });
  session.on('select-serial-port', (event, _ports, _contents, choose) => {
    event.preventDefault();
    choose('');
  });
  session.on('select-usb-device', (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
}

/** Electron hands over the origin with or without a slash at its end. */
function originOf(text: string): string {
  return text.replace(/\/$/, '');
}
