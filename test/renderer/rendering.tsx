import { cleanup, configure, render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, beforeEach } from 'vitest';
import type { FakeCoffer } from './fake-coffer';
import { fakeCoffer, install } from './fake-coffer';

/** A busy machine takes its time; what never comes is still missed. */
configure({ asyncUtilTimeout: 5_000 });

/** jsdom lays nothing out; these sizes stand for a window of 1280 × 800. */
const size = { width: 1_080, height: 700 };

/** Gives the test a window of a size, with the fake in it, and takes both away again. */
export function simulateWindow(): void {
  const original = HTMLElement.prototype.getBoundingClientRect;
  beforeEach(() => {
    install(fakeCoffer());
    HTMLElement.prototype.getBoundingClientRect = () => new DOMRect(0, 0, size.width, size.height);
    for (const [name, value] of [
      ['offsetWidth', size.width],
      ['offsetHeight', size.height],
      ['clientWidth', size.width],
      ['clientHeight', size.height],
      // As if every list were long: the virtual list asks how far it may scroll.
      ['scrollHeight', 10_000_000],
    ] as const) {
      Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value });
    }
    HTMLElement.prototype.scrollTo = function scrollTo(
      this: HTMLElement,
      options?: ScrollToOptions | number,
      y?: number,
    ) {
      this.scrollTop = typeof options === 'object' ? (options.top ?? 0) : (y ?? 0);
      this.dispatchEvent(new Event('scroll'));
    };
    globalThis.CSS = { ...globalThis.CSS, escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') };
    globalThis.requestIdleCallback = (callback) =>
      window.setTimeout(() => callback({ didTimeout: false, timeRemaining: () => 0 }));
    globalThis.ResizeObserver = class {
      observe() {}
      unobserve() {}
      disconnect() {}
    };
  });
  afterEach(() => {
    cleanup();
    HTMLElement.prototype.getBoundingClientRect = original;
  });
}

/** Renders over a fake and returns both. */
export function renderOver(fake: FakeCoffer, element: ReactElement) {
  install(fake);
  return { fake, ...render(element) };
}
