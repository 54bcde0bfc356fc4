import { expect, it, vi } from 'vitest';
import { createPublisher } from '../../../electron/main/ipc/publisher';

function window(destroyed = false) {
  return { isDestroyed: () => destroyed, send: vi.fn() };
}

it('sends an event that fits the contract to every window that is still there', () => {
  const [open, gone, log] = [window(), window(true), { error: vi.fn() }];
  createPublisher(() => [open, gone], log)('alerts.changed', { open: 2, critical: 1 });
  expect(open.send).toHaveBeenCalledWith('alerts.changed', { open: 2, critical: 1 });
  expect(gone.send).not.toHaveBeenCalled();
});

it('keeps back an event that does not fit, and does not stop the run that sent it', () => {
  const [open, log] = [window(), { error: vi.fn() }];
  const publish = createPublisher(() => [open], log);
  expect(() => publish('alerts.changed', { open: 0.5, critical: 0 })).not.toThrow();
  expect(open.send).not.toHaveBeenCalled();
  expect(log.error).toHaveBeenCalledOnce();
});
