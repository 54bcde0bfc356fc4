/**
 * The pages come from `app://coffer`, not from `file://`, so that they have one origin and headers.
 * https://www.electronjs.org/docs/latest/tutorial/security#18-avoid-usage-of-the-file-protocol-and-prefer-usage-of-custom-protocols
 */
import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { fileFor, headersFor } from './app-files';

/** Before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function serveApp(session: Session, root: string): void {
  session.protocol.handle('app', async (request) => {
    const answer = fileFor(request.method, request.url, root);
    if (answer.status !== 200) return new Response(null, { status: answer.status });
    const content = await readFile(answer.file).catch(() => null);
    if (!content) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(content), { headers: headersFor(answer.type) });
  });
}
