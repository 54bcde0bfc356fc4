import { describe, expect, it } from 'vitest';
import { placeWindow, smallestWindow, windowState } from '../../../electron/main/window-state';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const monitor = { x: 1440, y: 0, width: 1920, height: 1080 };
const saved = { x: 1500, y: 100, width: 1300, height: 900, maximized: false };

describe('where the window opens', () => {
  it('is the middle of the primary display at first', () => {
    expect(placeWindow(null, [laptop])).toEqual({ width: 1280, height: 800, position: null, maximized: false });
  });

  it('is where it was', () => {
    expect(placeWindow(saved, [laptop, monitor])).toEqual({
      width: 1300,
      height: 900,
      position: { x: 1500, y: 100 },
      maximized: false,
    });
  });

  it('is the middle again when its display is gone', () => {
    expect(placeWindow({ ...saved, maximized: true }, [laptop])).toEqual({
      width: 1280,
      height: 800,
      position: null,
      maximized: true,
    });
  });

  it.each([
    ['above every display', { y: -400 }],
    ['below every display', { y: 1075 }],
    ['almost off to the right', { x: 3300 }],
  ])('is never %s', (_where, place) => {
    expect(placeWindow({ ...saved, ...place }, [laptop, monitor]).position).toBeNull();
  });

  it('never hides the title bar under the menu bar', () => {
    expect(placeWindow({ ...saved, x: 10, y: 5 }, [laptop]).position).toEqual({ x: 10, y: 25 });
  });

  it('is no larger than the display and no smaller than the screens need', () => {
    expect(placeWindow({ ...saved, width: 5000, height: 4000 }, [monitor])).toMatchObject({
      width: 1920,
      height: 1080,
    });
    expect(placeWindow({ ...saved, width: 200, height: 100 }, [monitor])).toMatchObject(smallestWindow);
    expect(placeWindow(null, [{ x: 0, y: 0, width: 800, height: 600 }])).toMatchObject(smallestWindow);
  });

  it.each([
    { ...saved, width: Number.NaN },
    { ...saved, width: -5 },
    { ...saved, x: 1e12 },
    { ...saved, x: 1.5 },
    { ...saved, extra: true },
    { x: 1 },
    [],
    null,
  ])('is not read from %j', (content) => {
    expect(windowState.safeParse(content).success).toBe(false);
  });
});
