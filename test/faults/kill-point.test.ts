import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../../electron/headless/arguments';
import { killPoint } from '../../electron/headless/kill-point';

const asked = { COFFER_FAULT_TESTS: '1' };

test('nothing is asked: no labelled point does anything', () => {
  expect(killPoint({})).toBeUndefined();
  expect(killPoint(asked)).toBeUndefined();
});

test.each([{ COFFER_KILL_AT: 'pay.begun:1' }, { COFFER_CHECKPOINT_LOG: 'labels' }])(
  '%o is refused outside of fault tests',
  (environment) => {
    expect(() => killPoint(environment)).toThrow(UsageError);
    expect(() => killPoint({ ...environment, COFFER_FAULT_TESTS: 'yes' })).toThrow(UsageError);
  },
);

test.each(['pay.begun', 'pay.begun:0', ':1', 'pay.begun:1:2', 'pay begun:1'])('%s is no point', (point) => {
  expect(() => killPoint({ ...asked, COFFER_KILL_AT: point })).toThrow(UsageError);
});

test('it ends the process at the nth time of its label, and not before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-kill-point-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, 'labels');
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const checkpoint = killPoint({ ...asked, COFFER_KILL_AT: 'movement.answered:2', COFFER_CHECKPOINT_LOG: log });
  await checkpoint?.('movement.answered');
  await checkpoint?.('movement.outcome-written');
  expect(kill).not.toHaveBeenCalled();
  void checkpoint?.('movement.answered');
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
  expect(readFileSync(log, 'utf8')).toBe('movement.answered\nmovement.outcome-written\nmovement.answered\n');
});
