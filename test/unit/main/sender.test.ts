import { describe, expect, it } from 'vitest';
import { type CallEvent, senderProblem } from '../../../electron/main/ipc/sender';

const ours = (id: number) => id === 7;
const call = (frame: CallEvent['senderFrame'], id = 7): CallEvent => ({ sender: { id }, senderFrame: frame });

describe('who may call', () => {
  it('lets the top frame of a known window on app://coffer pass', () => {
    expect(senderProblem(call({ origin: 'app://coffer', parent: null }), ours)).toBeNull();
  });

  it('refuses a frame that is gone', () => {
    expect(senderProblem(call(null), ours)).toBe('the frame is gone');
  });

  it('refuses a frame inside another, also of our own origin', () => {
    expect(senderProblem(call({ origin: 'app://coffer', parent: {} }), ours)).toBe('not the top frame');
  });

  it.each([
    'app://coffer.evil',
    'app://other',
    'https://coffer',
    'file://',
    'null',
    '',
    'app://coffer/',
    'APP://COFFER',
  ])('refuses the origin %j', (origin) => {
    expect(senderProblem(call({ origin, parent: null }), ours)).toBe('a page of another origin');
  });

  it('refuses a window that is not ours', () => {
    expect(senderProblem(call({ origin: 'app://coffer', parent: null }, 8), ours)).toBe('not one of our windows');
  });

  it('refuses a frame that throws when it is asked, as a disposed one does', () => {
    const disposed = {
      parent: null,
      get origin(): string {
        throw new Error('Render frame was disposed before WebFrameMain could be accessed');
      },
    };
    expect(senderProblem(call(disposed), ours)).toBe('the frame is gone');
  });
});
