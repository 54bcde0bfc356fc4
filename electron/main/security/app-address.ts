import { appOrigin } from '../ipc/sender';

/** The parsed address when it is one of `app://coffer`, else null. */
export function appAddress(address: string): URL | null {
  try {
    const url = new URL(address);
    const ours = `${url.protocol}//${url.host}` === appOrigin && url.username === '' && url.password === '';
    return ours ? url : null;
  } catch {
    return null;
  }
}
