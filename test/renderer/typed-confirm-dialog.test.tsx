import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Amount, TypedConfirmDialog } from '../../renderer/components';
import { useSession } from '../../renderer/state/session';
import { fakeCoffer, install } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

function open() {
  const onConfirm = vi.fn();
  const onCancel = vi.fn();
  render(
    <TypedConfirmDialog
      isOpen
      title="Execute the migration"
      restatement={[
        { label: 'Moves to Storage', value: <Amount value="700000" currency="usd" showCurrency />, numeric: true },
        { label: 'Period', value: '2026-10' },
      ]}
      expected="7000.00 2026-10"
      action="Move 7,000.00 USD"
      onConfirm={onConfirm}
      onCancel={onCancel}
    />,
  );
  return { onConfirm, onCancel, user: userEvent.setup() };
}

const action = () => screen.getByRole('button', { name: 'Move 7,000.00 USD' });

test('focus starts on Cancel, and Enter there moves nothing', async () => {
  const { onConfirm, onCancel, user } = open();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Cancel' }));
  await user.keyboard('{Enter}');
  expect(onCancel).toHaveBeenCalledOnce();
  expect(onConfirm).not.toHaveBeenCalled();
});

test('the amounts are restated', () => {
  open();
  expect(screen.getByRole('alertdialog').textContent).toContain('7,000.00 USD');
});

test.each(['7000.00', '7000.00 2026-1', '7000.00 2026-11', '7000,00 2026-10', '700.00 2026-10'])(
  'typing “%s” does not release the action',
  async (text) => {
    const { onConfirm, user } = open();
    await user.click(screen.getByRole('textbox'));
    await user.paste(text);
    await user.keyboard('{Enter}');
    await user.click(action());
    expect(onConfirm).not.toHaveBeenCalled();
  },
);

test.each(['7000.00 2026-10', '7,000.00 2026-10', ' 7000.00  2026-10 '])('typing “%s” releases it', async (text) => {
  const { onConfirm, user } = open();
  await user.type(screen.getByRole('textbox'), text);
  await user.click(action());
  expect(onConfirm).toHaveBeenCalledExactlyOnceWith(text);
});

test('whoever types without looking types into the field, not onto Cancel', async () => {
  const { onConfirm, onCancel, user } = open();
  await user.keyboard('7000.00 2026-10{Enter}');
  expect(onCancel).not.toHaveBeenCalled();
  expect(onConfirm).toHaveBeenCalledExactlyOnceWith('7000.00 2026-10');
});

test('Escape cancels', async () => {
  const { onCancel, user } = open();
  await user.keyboard('{Escape}');
  expect(onCancel).toHaveBeenCalledOnce();
});

test.each([
  ['linux', ['Cancel', 'Move 7,000.00 USD']],
  ['darwin', ['Cancel', 'Move 7,000.00 USD']],
  ['win32', ['Move 7,000.00 USD', 'Cancel']],
])('on %s the buttons stand in the platform’s order', async (platform, order) => {
  const info = await fakeCoffer().call('app.info', undefined);
  if (!info.ok) throw new Error('The fake has no app.info');
  install(fakeCoffer({ 'app.info': async () => ({ ...info.value, platform }) }));
  await useSession.getState().load();
  open();
  expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual(order);
});
