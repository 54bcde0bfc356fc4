/** The choice of a Bluetooth device belongs to each page, not to the session: nothing is chosen. */
import { onEveryWebContents } from './every-web-contents';

export function denyBluetooth(): void {
  onEveryWebContents((contents) =>
    contents.on('select-bluetooth-device', (event, _devices, choose) => {
      event.preventDefault();
      choose('');
    }),
  );
}
