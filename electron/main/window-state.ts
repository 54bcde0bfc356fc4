/** Where the window was, so that it opens there again, if that place still exists. */
import { z } from 'zod';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const smallestWindow = { width: 1024, height: 700 } as const;
const firstWindow = { width: 1280, height: 800 } as const;
/** So much of the window must be on a display for a person to take hold of it. */
const grip = { width: 120, height: 60 } as const;

const extent = z.int().min(-100_000).max(100_000);

export const windowState = z.strictObject({
  x: extent,
  y: extent,
  width: extent.positive(),
  height: extent.positive(),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowState>;

export interface WindowPlacement {
  readonly width: number;
  readonly height: number;
  /** Absent: the middle of the primary display. */
  readonly position: { readonly x: number; readonly y: number } | null;
  readonly maximized: boolean;
}

/** @param workAreas the usable part of each display, the primary one first */
export function placeWindow(saved: WindowState | null, workAreas: readonly Rectangle[]): WindowPlacement {
  const area = saved && workAreas.find((candidate) => canGrip(saved, candidate));
  if (!saved || !area)
    return { ...bounded(firstWindow, workAreas[0]), position: null, maximized: saved?.maximized ?? false };
  const size = bounded(saved, area);
  return { ...size, position: { x: saved.x, y: Math.max(saved.y, area.y) }, maximized: saved.maximized };
}

function bounded(
  size: { width: number; height: number },
  area: Rectangle | undefined,
): { width: number; height: number } {
  const within = (wanted: number, smallest: number, room: number) => Math.max(smallest, Math.min(wanted, room));
  return {
    width: within(size.width, smallestWindow.width, area?.width ?? firstWindow.width),
    height: within(size.height, smallestWindow.height, area?.height ?? firstWindow.height),
  };
}

/** The title bar is what one takes hold of: the top edge has to be on the display. */
function canGrip(window: Rectangle, area: Rectangle): boolean {
  const overlap = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return (
    overlap >= grip.width && window.y >= area.y - grip.height / 2 && window.y <= area.y + area.height - grip.height
  );
}
