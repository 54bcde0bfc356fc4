/**
 * https://www.electronjs.org/docs/latest/tutorial/security#7-define-a-content-security-policy
 * React and recharts set styles through the CSSOM, which the policy does not concern; so no 'unsafe-inline'.
 */
import { createHash } from 'node:crypto';

/** The one style element that react-aria puts into the page (touch scrolling on pressable elements), by its hash. */
const reactAriaStyle = `
@layer {
  [data-react-aria-pressable] {
    touch-action: pan-x pan-y pinch-zoom;
  }
}
    `.trim();

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${sha256(reactAriaStyle)}`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
