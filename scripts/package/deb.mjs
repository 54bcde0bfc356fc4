/**
 * The Debian package, made with Debian's own dpkg-deb: electron-builder's deb target downloads a packager for it. The app lies in
 * /opt/Coffer, `coffer` in /usr/bin leads there, and the desktop finds it by its entry and icons.
 */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../paths.mjs';
import { Problem, say } from '../problem.mjs';
import { run } from '../process.mjs';
import { libraries } from '../setup/system-packages.mjs';

/**
 * @typedef {{
 *   from: string,
 *   deb: string,
 *   manifest: { version: string, description: string, author: string },
 *   architecture: string,
 *   runtime: import('../setup/electron-binary.mjs').Runtime,
 * }} DebOptions from: the unpacked app
 */

const installed = 'opt/Coffer';
const packLimit = 10 * 60_000;

/** @param {DebOptions} options */
export async function buildDeb(options) {
  if (process.platform !== 'linux' || (await run('dpkg-deb', ['--version'])).code !== 0) {
    throw new Problem('A Debian package is made with dpkg-deb, which is missing here (`--target dir` needs nothing).');
  }
  const root = await mkdtemp(path.join(tmpdir(), 'coffer-deb-'));
  try {
    await chmod(root, 0o755);
    await cp(options.from, path.join(root, installed), { recursive: true, verbatimSymlinks: true });
    await placeInDesktop(root);
    await placeDocuments(root, options);
    await tidyPermissions(root);
    await writeControl(root, options);
    say('Packing the Debian package …');
    const args = ['--root-owner-group', '-Zzstd', '-z9', '--build', root, options.deb];
    const outcome = await run('dpkg-deb', args, { timeout: packLimit });
    if (outcome.code !== 0) throw new Problem(`dpkg-deb failed: ${outcome.stderr.split('\n')[0]}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** @param {string} root */
async function placeInDesktop(root) {
  await mkdir(path.join(root, 'usr/bin'), { recursive: true });
  await symlink(`/${installed}/coffer`, path.join(root, 'usr/bin/coffer'));
  const entry = path.join(root, 'usr/share/applications/coffer.desktop');
  await mkdir(path.dirname(entry), { recursive: true });
  await writeFile(entry, desktopEntry);
  const icons = path.join(projectRoot, 'resources/icons');
  for (const name of await readdir(icons)) {
    const size = /^icon-(\d+)\.png$/.exec(name)?.[1];
    if (size === undefined && name !== 'icon.svg') continue;
    const folder = path.join(root, 'usr/share/icons/hicolor', size ? `${size}x${size}` : 'scalable', 'apps');
    await mkdir(folder, { recursive: true });
    await cp(path.join(icons, name), path.join(folder, `coffer${path.extname(name)}`));
  }
}

/** The name of the file is the window's class (`desktopName` in package.json). */
const desktopEntry = `[Desktop Entry]
Type=Application
Name=Coffer
GenericName=Month-end console
Comment=Payments and Storage apart, the month closed step by step
Exec=coffer
Icon=coffer
Terminal=false
Categories=Office;Finance;
StartupWMClass=coffer
SingleMainWindow=true
`;

/**
 * @param {string} root
 * @param {DebOptions} options
 */
async function placeDocuments(root, { from }) {
  const folder = path.join(root, 'usr/share/doc/coffer');
  await mkdir(folder, { recursive: true });
  const legal = path.join(from, 'resources/legal');
  await cp(path.join(legal, 'LICENSE.txt'), path.join(folder, 'copyright'));
  for (const name of ['sbom.cdx.json', 'THIRD-PARTY-NOTICES.txt']) {
    await symlink(`/${installed}/resources/legal/${name}`, path.join(folder, name));
  }
}

/**
 * Whatever the umask of the machine that builds: everyone may read, only the owner (root) may write.
 * @param {string} root
 */
async function tidyPermissions(root) {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const place = path.join(entry.parentPath, entry.name);
    const runs = entry.isDirectory() || ((await stat(place)).mode & 0o100) !== 0;
    await chmod(place, runs ? 0o755 : 0o644);
  }
}

/**
 * @param {string} root
 * @param {DebOptions} options
 */
async function writeControl(root, { manifest, architecture, runtime }) {
  const folder = path.join(root, 'DEBIAN');
  const { sums, bytes } = await checksums(root);
  await mkdir(folder, { mode: 0o755 });
  const standIn = ` .\n Built on the Electron ${runtime.electron} stand-in: for the sandbox and test mode only, it refuses live keys.\n`;
  const control = `Package: coffer
Version: ${manifest.version}
Architecture: ${architecture}
Maintainer: ${manifest.author}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${libraries.map((names) => names.join(' | ')).join(', ')}
Recommends: gnome-keyring | org.freedesktop.secrets, xdg-utils, libnotify4
Section: misc
Priority: optional
Description: Month-end console for creator platforms on Stripe
 ${manifest.description}
${runtime.kind === 'stand-in' ? standIn : ''}`;
  await writeFile(path.join(folder, 'control'), control);
  await writeFile(path.join(folder, 'md5sums'), sums);
  const scripts = { postinst, postrm };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(path.join(folder, name), text);
    await chmod(path.join(folder, name), 0o755);
  }
}

/**
 * Chromium's sandbox uses user namespaces where an ordinary account may make them, and this helper, owned by root and set-uid, where
 * it may not. An administrator's own dpkg-statoverride stays.
 */
const postinst = `#!/bin/sh
set -e
helper=/${installed}/chrome-sandbox
if [ "$1" = configure ]; then
  if ! dpkg-statoverride --list "$helper" >/dev/null 2>&1; then
    chown root:root "$helper"
    chmod 4755 "$helper"
  fi
  if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
  if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true; fi
fi
`;

/** Books and keys are the person's and stay, also at a purge. */
const postrm = `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
  if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true; fi
fi
`;

/**
 * @param {string} root
 * @returns {Promise<{ sums: string, bytes: number }>}
 */
async function checksums(root) {
  const lines = [];
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = path.join(entry.parentPath, entry.name);
    const content = await readFile(place);
    bytes += content.length;
    lines.push(`${createHash('md5').update(content).digest('hex')}  ${path.relative(root, place)}\n`);
  }
  return { sums: lines.sort().join(''), bytes };
}
