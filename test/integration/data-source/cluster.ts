/** A throw-away PostgreSQL server on a free port of this machine. The server refuses to run as root: then it runs as `postgres`. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);

export const OWNER = { user: 'owner', password: 'owner-secret' };

export interface Cluster {
  readonly port: number;
  /** As the owner of the data. */
  sql(text: string): Promise<void>;
  /** Turns TLS on, with a certificate of its own for an address. Returns the file of its authority. */
  encrypt(address: string): Promise<string>;
  stop(): Promise<void>;
}

/** Debian keeps the server's programs out of PATH. */
function programs(): string {
  const debian = '/usr/lib/postgresql';
  const [newest] = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return newest === undefined ? '' : join(debian, newest, 'bin');
}

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-postgres-'));
  const asRoot = process.getuid?.() === 0;
  const [command, ...before] = asRoot ? ['runuser', '-u', 'postgres', '--'] : [];
  const as = (program: string, ...args: string[]): readonly [string, string[]] => {
    const file = join(programs(), program);
    return command === undefined ? [file, args] : [command, [...before, file, ...args]];
  };
  if (asRoot) {
    chmodSync(folder, 0o755);
    await run('chown', ['postgres', folder]);
  }
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, OWNER.password, { mode: 0o644 });
  await run(
    ...as(
      'initdb',
      '-D',
      data,
      '-U',
      OWNER.user,
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--no-sync',
    ),
  );
  const port = await freePort();
  const server = spawn(
    ...as('postgres', '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off'),
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const connect = async (): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port, database: 'postgres', ...OWNER });
    await client.connect();
    return client;
  };
  for (let waited = 0; ; waited += 100) {
    try {
      await (await connect()).end();
      break;
    } catch (error) {
      if (waited > 20_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const sql = async (text: string): Promise<void> => {
    const client = await connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  return {
    port,
    sql,
    encrypt: async (address) => {
      const file = (name: string): string => join(data, name);
      const subject = ['-subj', '/CN=coffer test', '-addext', `subjectAltName=IP:${address}`];
      const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('server.key'), '-out', file('server.crt')];
      await run('openssl', ['req', '-x509', '-days', '2', ...key, ...subject]);
      if (asRoot) await run('chown', ['postgres', file('server.key'), file('server.crt')]);
      await sql('ALTER SYSTEM SET ssl = on');
      await sql('SELECT pg_reload_conf()');
      await new Promise((resolve) => setTimeout(resolve, 500));
      return file('server.crt');
    },
    stop: async () => {
      await run(...as('pg_ctl', '-D', data, '-m', 'immediate', 'stop'));
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
