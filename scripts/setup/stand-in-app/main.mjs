/**
 * Stands where Electron's own default app stands: `electron [switches] <folder or file> [arguments]` runs that app under
 * its own name, version and path. Set-up copies this file into the stand-in runtime; nothing imports it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const switchesWithValue = new Set(['-r', '--require', '--inspect-port']);
const require = createRequire(import.meta.url);

const { target, preloads } = readArguments(process.argv.slice(1));
for (const preload of preloads) require(path.resolve(preload));
if (target === undefined) {
  process.stderr.write('Usage: electron [switches] <folder or .js file> [arguments]\n');
  app.exit(1);
} else {
  await runApp(path.resolve(target));
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const preloads = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '-r' || arg === '--require') preloads.push(args[index + 1]);
    if (switchesWithValue.has(arg)) index += 1;
    else if (arg.startsWith('--app=')) return { target: arg.slice('--app='.length), preloads };
    else if (!arg.startsWith('-')) return { target: arg, preloads };
  }
  return { target: undefined, preloads };
}

/** @param {string} target an absolute path */
async function runApp(target) {
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
  try {
    const manifestPath = path.join(target, 'package.json');
    let appPath;
    if (existsSync(manifestPath)) {
      const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
      if (manifest.version) app.setVersion(manifest.version);
      app.name = manifest.productName || manifest.name || app.name;
      if (process.platform === 'linux') app.setDesktopName(manifest.desktopName ?? `${app.name}.desktop`);
      appPath = target;
    }
    const entry = require.resolve(target);
    app.setAppPath(appPath ?? path.dirname(entry));
    await import(pathToFileURL(entry).href);
  } catch (error) {
    process.stderr.write('App threw an error during load\n');
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    app.exit(1);
  }
}
