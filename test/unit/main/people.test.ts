/** Rule: the app locks, the passphrase is never kept itself, and roles separate preparing from committing. */
import { describe, expect, test } from 'vitest';
import { channelNames } from '../../../electron/main/ipc/register-handlers';
import { createAppLock, FRESH_MS } from '../../../electron/main/people/app-lock';
import { hashPassphrase, isPassphrase } from '../../../electron/main/people/passphrase';
import { neededRole, needsFreshPassphrase, requireRole } from '../../../electron/main/people/roles';
import type { LockView, Role } from '../../../shared/contract';

function lock() {
  let kept: string | null = null;
  let clock = 1_000_000;
  const state: { role: Role; hasPassphrase: boolean } = { role: 'approver', hasPassphrase: false };
  const told: LockView[] = [];
  const parts = {
    read: async () => kept,
    write: async (hash: string) => {
      kept = hash;
    },
    canKeep: async () => true,
    state: () => state,
    remember: async (change: Partial<typeof state>) => {
      Object.assign(state, change);
    },
    now: () => clock,
    changed: (view: LockView) => told.push(view),
  };
  return {
    app: createAppLock(parts),
    again: () => createAppLock(parts),
    told,
    kept: () => kept,
    pass: (ms: number) => {
      clock += ms;
    },
  };
}

const SECRET = 'a long passphrase';

describe('The passphrase', () => {
  test('is kept as a salted hash only, and only itself fits', async () => {
    const hash = await hashPassphrase(SECRET);
    expect(hash).not.toContain(SECRET);
    expect(hash).not.toBe(await hashPassphrase(SECRET));
    expect(await isPassphrase(SECRET, hash)).toBe(true);
    for (const other of ['', 'a long passphras', `${SECRET} `, 'A long passphrase'])
      expect(await isPassphrase(other, hash)).toBe(false);
    for (const broken of ['', 'x', 'scrypt-1$$', hash.slice(0, -5)])
      expect(await isPassphrase(SECRET, broken)).toBe(false);
  });

  test('is asked for before it is changed', async () => {
    const one = lock();
    await one.app.setPassphrase(SECRET, undefined);
    await expect(one.app.setPassphrase('another one', undefined)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await one.app.setPassphrase('another one', SECRET);
    expect(await isPassphrase('another one', one.kept() ?? '')).toBe(true);
  });

  test('may be wrong five times, then one has to wait, longer each time', async () => {
    const one = lock();
    await one.app.setPassphrase(SECRET, undefined);
    for (let i = 0; i < 5; i++) await expect(one.app.unlock('no')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await expect(one.app.unlock(SECRET)).rejects.toMatchObject({ code: 'too-many-tries' });
    one.pass(1_001);
    await expect(one.app.unlock('no')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    one.pass(1_001);
    await expect(one.app.unlock(SECRET)).rejects.toMatchObject({ code: 'too-many-tries' });
    one.pass(1_001);
    expect(await one.app.unlock(SECRET)).toMatchObject({ locked: false });
  });
});

describe('The lock', () => {
  test('holds until the passphrase is given, also after a start of the app', async () => {
    const one = lock();
    await one.app.lock();
    expect(() => one.app.requireUnlocked()).not.toThrow();
    await one.app.setPassphrase(SECRET, undefined);
    await one.app.lock();
    expect(one.told.at(-1)).toMatchObject({ locked: true });
    expect(() => one.app.requireUnlocked()).toThrow('Coffer is locked');
    await expect(one.app.unlock('no')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    expect(() => one.app.requireUnlocked()).toThrow('Coffer is locked');
    await one.app.unlock(SECRET);
    expect(() => one.app.requireUnlocked()).not.toThrow();
    expect(() => one.again().requireUnlocked()).toThrow('Coffer is locked');
  });

  test('an authentication is fresh for one minute, and a lock ends it', async () => {
    const one = lock();
    expect(() => one.app.requireFresh()).toThrow('There is no passphrase yet');
    await one.app.setPassphrase(SECRET, undefined);
    one.pass(FRESH_MS);
    expect(() => one.app.requireFresh()).not.toThrow();
    one.pass(1);
    expect(() => one.app.requireFresh()).toThrow('within the last minute');
    await one.app.unlock(SECRET);
    expect(() => one.app.requireFresh()).not.toThrow();
    await one.app.lock();
    expect(() => one.app.requireFresh()).toThrow('within the last minute');
  });

  test('a role with more rights asks for the passphrase, one with fewer does not', async () => {
    const one = lock();
    await one.app.setPassphrase(SECRET, undefined);
    expect(await one.app.setRole('viewer', undefined)).toMatchObject({ role: 'viewer' });
    await expect(one.app.setRole('approver', undefined)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    expect(await one.app.setRole('approver', SECRET)).toMatchObject({ role: 'approver' });
  });
});

describe('Roles', () => {
  const reads =
    /\.(list|get|status|keys|overview|history|at|lines|summary|preview|periods|plan|preflight|obligations|certificate|statement|suspense|forUser|verify|info|unfinished|sandboxDatasets|storageAccounts|postgres|testPostgres|watched|withdrawals)$/;

  test('a viewer changes nothing: whatever is not a reading, a file or the own name needs a role', () => {
    const own =
      /^(app\.(welcomed|setOperator)|backups\.(state|saveReadable)|lock\.|secrets\.test|balances\.refresh|data\.chooseDirectory|creators\.stopStatements|.*(save|export|binder|readKey|readRequest))/i;
    for (const channel of channelNames) {
      if (reads.test(channel) || own.test(channel)) continue;
      expect(neededRole(channel, undefined as never), channel).not.toBe('viewer');
    }
  });

  test('a preparer runs every step but the two that commit, and approves nothing', () => {
    for (const step of ['preflight', 'lock', 'earnings', 'lapse', 'fund', 'reconcile'] as const)
      expect(() => requireRole('preparer', 'monthEnd.run', { period: '2026-10', step })).not.toThrow();
    for (const step of ['pay', 'close'] as const)
      expect(() => requireRole('preparer', 'monthEnd.run', { period: '2026-10', step })).toThrow(
        'needs the role approver',
      );
    for (const channel of ['monthEnd.approve', 'migration.approve', 'payouts.retry', 'settings.update'] as const)
      expect(() => requireRole('preparer', channel, {} as never)).toThrow('needs the role approver');
  });

  test('whatever sends money or replaces the books asks for a fresh authentication', () => {
    expect(needsFreshPassphrase('monthEnd.run', { period: '2026-10', step: 'pay' })).toBe(true);
    expect(needsFreshPassphrase('monthEnd.run', { period: '2026-10', step: 'fund' })).toBe(false);
    const asking = [
      'payouts.retry',
      'migration.execute',
      'migration.rollback',
      'revenue.withdraw',
      'backups.restore',
    ] as const;
    for (const channel of asking) expect(needsFreshPassphrase(channel, {} as never)).toBe(true);
  });
});
