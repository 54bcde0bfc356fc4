/** Files leave Coffer through a save dialog of the main process only, where they are written whole and hashed. */
import type { Session } from 'electron';

export function denyDownloads(session: Session): void {
  session.on('will-download', (event) => event.preventDefault());
}
