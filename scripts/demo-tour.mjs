import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildApp } from './build-app.mjs';
import { projectRoot } from './paths.mjs';
import { Problem, say } from './problem.mjs';
import { inDesktopSession } from './setup/desktop-session.mjs';
import { setUpApp } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

const output = path.join(projectRoot, 'demo-output');

/** @returns {Promise<number>} exit code */
export async function runDemo() {
  if (!existsSync(path.join(projectRoot, 'test/e2e/demo.tour.ts')))
    throw new Problem('test/e2e/demo.tour.ts is missing.');
  await setUpApp({ headless: true });
  const built = await buildApp();
  if (built !== 0) return built;
  rmSync(output, { recursive: true, force: true });
  const code = await inDesktopSession((env) =>
    tool('playwright', ['test', '--project', 'demo', '--reporter', 'line'], { ...env, COFFER_DEMO_OUTPUT: output }),
  );
  report();
  return code;
}

function report() {
  const files = existsSync(output) ? readdirSync(output, { recursive: true, encoding: 'utf8' }) : [];
  const screenshots = files.filter((name) => name.endsWith('.png')).sort();
  for (const name of screenshots) process.stdout.write(`  ${path.join('demo-output', name)}\n`);
  say(`${screenshots.length} screenshots, with exports and binder, are in ${output}`);
}
