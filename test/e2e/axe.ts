/**
 * The axe that @axe-core/playwright brings. Its AxeBuilder sends half a megabyte of axe for every look; here the page gets it
 * once, by the debugger's evaluate, to which the policy of the page does not apply: nothing of the app is weakened.
 */
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { z } from 'zod';

const fromAxe = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));

export const axe = z.object({ source: z.string(), version: z.string() }).parse(fromAxe('axe-core'));

const found = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
  }),
);

/** The theme changes colours only: what is not about colour is looked at once, in the light. */
export const themes = [
  { theme: 'light', rules: [] },
  { theme: 'dark', rules: ['color-contrast', 'link-in-text-block'] },
] as const;

/** What axe finds on the page as it is, in words; the page has been given `axe.source`. */
export async function violationsIn(window: Page, { theme, rules }: (typeof themes)[number]): Promise<string[]> {
  const result = await window.evaluate(`axe.run(
    // What react-aria has read aloud stays for seven seconds, and may name a button that is gone by then.
    { exclude: [['[data-live-announcer]']] },
    { resultTypes: ['violations'], preload: false, ${rules.length === 0 ? '' : `runOnly: ${JSON.stringify(rules)}`} },
  ).then(({ violations }) => violations)`);
  return found.parse(result).map(({ id, help, nodes }) => {
    const where = nodes.map(({ target, failureSummary = '' }) => `${target.join(' ')}: ${failureSummary}`);
    return `${theme}: ${id}: ${help}\n  ${where.join('\n  ')}`;
  });
}
