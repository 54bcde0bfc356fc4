import { rm } from 'node:fs/promises';
import path from 'node:path';
import { productionFuses } from './fuses.mjs';
import { legal, output } from './places.mjs';

/** The packages that the bundle does not contain (electron.vite.config.ts), and what they load. */
const shippedPackages = [
  ...['libsql', '@libsql', '@neon-rs/load', 'detect-libc', 'keytar', 'electron-log', 'fflate', 'dejavu-fonts-ttf'],
];

/**
 * electron-builder's configuration. The schema is checked by electron-builder at each build.
 * Signing and notarisation are taken from the environment: docs/packaging.md.
 * @param {import('../setup/electron-binary.mjs').Runtime} runtime
 * @returns {import('electron-builder').Configuration}
 */
export function builderConfig(runtime) {
  return {
    appId: 'com.coffer.desktop',
    productName: 'Coffer',
    copyright: 'Copyright Coffer',
    directories: { output },
    // Set-up has supplied and checked it; electron-builder would download its own.
    electronDist: path.dirname(runtime.path),
    electronVersion: runtime.electron,
    electronLanguages: ['en-US', 'en-GB'],
    electronFuses: productionFuses,
    // The native modules are N-API binaries that come with their packages.
    npmRebuild: false,
    asar: { smartUnpack: false },
    asarUnpack: ['**/*.node'],
    files: [
      'out/**',
      'package.json',
      '!node_modules/**',
      ...shippedPackages.map((name) => `node_modules/${name}/**`),
      '!**/*.{map,md,ts,cts,mts,cc,h,gyp}',
      '!node_modules/@libsql/*-musl*/**',
      '!node_modules/keytar/{build,prebuilds,script,src}/**',
      '!node_modules/fflate/{umd,lib/browser.cjs,esm/browser.js}',
      '!node_modules/dejavu-fonts-ttf/{fontconfig/**,*.txt,NEWS,BUGS,AUTHORS,ttf/!(DejaVuSansCondensed|DejaVuSansCondensed-Bold).ttf}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own placeholders
      'node_modules/keytar/prebuilds/${platform}-${arch}/*.node',
    ],
    extraResources: [
      { from: 'resources', to: 'resources', filter: ['datasets/**', 'icons/*.{png,svg}', 'verify-binder.mjs'] },
      { from: legal, to: 'legal' },
    ],
    afterExtract: ({ appOutDir }) => removeDevelopmentParts(appOutDir, runtime),
    linux: {
      executableName: 'coffer',
      icon: 'resources/icons',
      category: 'Office',
      synopsis: 'Month end for creator platforms on Stripe',
      syncDesktopName: true,
      maintainer: 'Coffer',
    },
    mac: {
      icon: 'resources/icons/icon-512.png',
      category: 'public.app-category.finance',
      hardenedRuntime: true,
      gatekeeperAssess: false,
    },
    win: { icon: 'resources/icons/icon-256.png' },
    nsis: { oneClick: false, perMachine: true, allowToChangeInstallationDirectory: true },
  };
}

/**
 * A development runtime opens any folder as an app, and carries set-up's note of where it came from. That note stays on a stand-in,
 * which must refuse live keys.
 * @param {string} folder
 * @param {import('../setup/electron-binary.mjs').Runtime} runtime
 */
async function removeDevelopmentParts(folder, runtime) {
  for (const name of ['app', 'default_app.asar']) {
    await rm(path.join(folder, 'resources', name), { recursive: true, force: true });
  }
  if (runtime.kind !== 'stand-in') await rm(path.join(folder, 'coffer-runtime.json'), { force: true });
}
