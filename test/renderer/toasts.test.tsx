import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ToastRegion } from '../../renderer/components';
import { useNavigation } from '../../renderer/state/navigation';
import { tell, tellFailure, useToasts } from '../../renderer/state/toasts';

const shown = () => screen.queryAllByRole('listitem').map((one) => one.textContent);

const pass = (milliseconds: number) =>
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  useToasts.setState({ toasts: [] });
  useNavigation.setState({ place: { screen: 'balances', params: {} } });
  render(<ToastRegion />);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('messages about what was done', () => {
  test('do not pile up: the newest stands alone, and a failure beside it', () => {
    act(() => {
      tell('Saved 1 file');
      tell('Saved 2 files');
      tellFailure({ code: 'x', message: 'The clipboard is closed.', hint: 'Try again.' });
    });
    expect(shown()).toEqual(['Saved 2 files', 'The clipboard is closed.Try again.']);
  });

  test('go by themselves and with their screen; a failure stays', () => {
    act(() => {
      tell('Saved 1 file');
      tellFailure({ code: 'x', message: 'The clipboard is closed.', hint: '' });
    });
    act(() => {
      useNavigation.getState().go('payouts');
    });
    expect(shown()).toEqual(['The clipboard is closed.']);
    act(() => tell('Saved 2 files'));
    pass(4_100);
    expect(shown()).toEqual(['The clipboard is closed.']);
  });

  test('wait while the pointer is on them', async () => {
    act(() => tell('Saved 1 file'));
    await userEvent.hover(screen.getByText('Saved 1 file'), { delay: null });
    pass(20_000);
    expect(shown()).toEqual(['Saved 1 file']);
    await userEvent.unhover(screen.getByText('Saved 1 file'), { delay: null });
    pass(4_100);
    expect(shown()).toEqual([]);
  });
});
