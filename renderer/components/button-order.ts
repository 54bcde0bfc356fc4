import { useSession } from '../state/session';

/** Windows puts the action before Cancel; macOS and GNOME put Cancel before the action. */
export function useCancelFirst(): boolean {
  return useSession((session) => session.info?.platform) !== 'win32';
}
