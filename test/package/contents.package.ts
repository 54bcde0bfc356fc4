/** What is in the package, what is not, and what the executable cannot be asked to do. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { expect, test } from '@playwright/test';
import { DebugLogger } from 'builder-util';
import { productionFuses } from '../../scripts/package/fuses.mjs';
import { unpacked } from '../../scripts/package/places.mjs';
import { electronRuntime } from '../../scripts/setup/electron-path.mjs';
import { asar, debFile, dpkgDeb, executable, filesOf, root } from './package-under-test';

const MB = 1024 * 1024;
const inAsar = listPackage(asar, { isPack: false }).map((name) => name.replaceAll('\\', '/'));
const text = (name: string) => extractFile(asar, name.slice(1)).toString('utf8');

test.describe('fuses, read back from the packaged executable', () => {
  test('every production fuse has its value', async () => {
    const wire = await getCurrentFuseWire(executable);
    const read = Object.keys(productionFuses).map((name) => {
      const option = `${name[0]?.toUpperCase()}${name.slice(1)}`;
      const fuse = Object.entries(FuseV1Options).find(([known]) => known === option)?.[1];
      if (typeof fuse !== 'number') throw new Error(`There is no fuse ${option}`);
      const value: number | undefined = wire[fuse as FuseV1Options];
      return [name, value === '1'.charCodeAt(0)];
    });
    expect(Object.fromEntries(read)).toEqual(productionFuses);
    expect(productionFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test('a runtime below the oldest one for live money carries its mark into the package', () => {
    const runtime = electronRuntime();
    const marked = filesOf(unpacked).some(({ name }) => name === 'coffer-runtime.json');
    expect(marked).toBe(runtime.kind === 'stand-in');
    expect(path.basename(debFile()).includes('stand-in')).toBe(runtime.kind === 'stand-in');
  });
});

/** Everything the folder may hold; one line per reason. */
const allowedInFolder = [
  /^coffer$/,
  /^coffer-runtime\.json$/,
  /^(LICENSE\.electron\.txt|LICENSES\.chromium\.html|version|icudtl\.dat|vk_swiftshader_icd\.json)$/,
  /^(chrome-sandbox|chrome_crashpad_handler)$/,
  /^[\w.]+\.(pak|bin)$/,
  /^lib[\w.]+\.so(\.\d+)?$/,
  /^locales(\/en-(GB|US)\.pak)?$/,
  /^resources(\/app\.asar)?$/,
  /^resources\/legal(\/(sbom\.cdx\.json|THIRD-PARTY-NOTICES\.txt|LICENSE\.txt))?$/,
  /^resources\/resources(\/verify-binder\.mjs)?$/,
  /^resources\/resources\/icons(\/icon(-\d+)?\.(png|svg))?$/,
  /^resources\/resources\/datasets(\/\w+(\/[\w-]+\.(csv|json))?)?$/,
  /^resources\/app\.asar\.unpacked(\/node_modules(\/@libsql(\/linux-\w+-gnu(\/index\.node)?)?)?)?$/,
  /^resources\/app\.asar\.unpacked\/node_modules\/keytar(\/prebuilds(\/linux-\w+(\/keytar\.node)?)?)?$/,
];

const allowedInAsar = [
  /^\/package\.json$/,
  /^\/out(\/main(\/(index|sandbox|worker)\.js)?)?$/,
  /^\/out\/main\/chunks(\/[\w-]+\.js)?$/,
  /^\/out\/preload(\/index\.cjs)?$/,
  /^\/out\/renderer(\/index\.html)?$/,
  /^\/out\/renderer\/assets(\/[\w.-]+\.(js|css|svg|png|woff2))?$/,
  /^\/node_modules$/,
  /^\/node_modules\/(libsql|detect-libc|electron-log|fflate|keytar|@neon-rs(\/load)?)(\/[\w./-]+\.(js|cjs|mjs|json)|\/LICENSE)?$/,
  /^\/node_modules\/(detect-libc|electron-log|fflate|keytar|@neon-rs\/load)(\/(lib|dist|src|esm)(\/[\w-]+)*)$/,
  /^\/node_modules\/keytar\/prebuilds(\/linux-\w+(\/keytar\.node)?)?$/,
  /^\/node_modules\/dejavu-fonts-ttf(\/(package\.json|LICENSE|ttf(\/DejaVuSansCondensed(-Bold)?\.ttf)?))?$/,
  /^\/node_modules\/@libsql(\/linux-\w+-gnu(\/(index\.node|package\.json))?)?$/,
];

test.describe('what is in it', () => {
  test('nothing that is not on the list: no sources, tests, maps, other platforms or development parts', () => {
    const unexpected = (names: string[], allowed: RegExp[]) =>
      names.filter((name) => !allowed.some((pattern) => pattern.test(name)));
    expect(
      unexpected(
        filesOf(unpacked).map(({ name }) => name),
        allowedInFolder,
      ),
    ).toEqual([]);
    expect(unexpected(inAsar, allowedInAsar)).toEqual([]);
    expect(inAsar.filter((name) => /\.(map|ts|tsx)$|(^|\/)(test|tests|spec|__tests__)(\/|$)/.test(name))).toEqual([]);
  });

  test('all that the app needs: entries, native modules outside of the archive, datasets, the verifier', () => {
    for (const name of [
      '/out/main/index.js',
      '/out/main/worker.js',
      '/out/main/sandbox.js',
      '/out/preload/index.cjs',
    ]) {
      expect(inAsar).toContain(name);
    }
    const names = filesOf(unpacked).map(({ name }) => name);
    const native = names.filter((name) => name.endsWith('.node'));
    expect(native).toHaveLength(2);
    expect(native.every((name) => name.startsWith('resources/app.asar.unpacked/'))).toBe(true);
    expect(names).toContain('resources/resources/verify-binder.mjs');
    expect(names).toContain('resources/resources/datasets/mixed/policy.json');
  });

  test('it has the size that it should have', () => {
    const files = filesOf(unpacked).filter(({ directory }) => !directory);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const archive = files.find(({ name }) => name === 'resources/app.asar')?.size ?? 0;
    console.log(
      `folder ${(total / MB).toFixed(0)} MB, app.asar ${(archive / MB).toFixed(1)} MB, ${files.length} files`,
    );
    expect(total).toBeLessThan(330 * MB);
    expect(archive).toBeGreaterThan(2 * MB);
    expect(archive).toBeLessThan(12 * MB);
  });

  test('only the owner writes, nothing is set-uid, and only programs can be run', () => {
    const odd = filesOf(unpacked).filter(
      ({ mode, directory, name }) =>
        (mode & 0o7022) !== 0 ||
        (mode & 0o444) !== 0o444 ||
        (!directory && (mode & 0o111) !== 0 && !/^(coffer|chrome[-_]\w+|lib.*\.so.*)$|\.node$/.test(name)),
    );
    expect(odd).toEqual([]);
  });

  test('no secret, no source map and no path of the machine that built it', () => {
    const code = inAsar.filter((name) => /^\/out\/.*\.(js|cjs|css|html)$/.test(name));
    expect(code.length).toBeGreaterThan(10);
    const found = code.flatMap((name) => {
      const content = text(name);
      const suspicious = [
        /[rs]k_live_[0-9a-zA-Z]{16,}/,
        /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
        /sourceMappingURL/,
        new RegExp(
          `(${[root, path.join(homedir(), '.')].map((place) => place.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})/?[\\w.-]+/`,
        ),
      ];
      return suspicious.filter((pattern) => pattern.test(content)).map((pattern) => `${name}: ${pattern}`);
    });
    expect(found).toEqual([]);
    const manifest = JSON.parse(text('/package.json'));
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest.main).toBe('./out/main/index.js');
  });
});

test.describe('the Debian package', () => {
  test('belongs to root, brings the helper without set-uid and gives it in postinst', () => {
    const lines = dpkgDeb('--contents', debFile()).trim().split('\n');
    expect(lines.filter((line) => !/^\S+ root\/root /.test(line))).toEqual([]);
    expect(lines.filter((line) => /^-\S*[sS]/.test(line) || /^[-d].{7}w/.test(line))).toEqual([]);
    expect(lines.find((line) => line.endsWith('/chrome-sandbox'))).toMatch(/^-rwxr-xr-x/);
    expect(dpkgDeb('--info', debFile(), 'postinst')).toContain('chmod 4755 "$helper"');
    expect(dpkgDeb('--info', debFile(), 'postinst')).toContain('dpkg-statoverride');
    const depends = dpkgDeb('--field', debFile(), 'Depends');
    for (const name of ['libgtk-3-0', 'libnss3', 'libsecret-1-0']) expect(depends).toContain(name);
  });

  test('is found by the desktop: an entry, a command, icons of the right sizes', () => {
    const names = dpkgDeb('--contents', debFile())
      .split('\n')
      .map((line) => line.split(/\s+/).slice(5).join(' '));
    expect(names).toContain('./usr/bin/coffer -> /opt/Coffer/coffer');
    expect(names).toContain('./usr/share/applications/coffer.desktop');
    expect(names).toContain('./usr/share/doc/coffer/copyright');
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
      expect(names).toContain(`./usr/share/icons/hicolor/${size}x${size}/apps/coffer.png`);
      // Width and height stand in the header of a PNG.
      const header = readFileSync(path.join(root, `resources/icons/icon-${size}.png`));
      expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(names).toContain('./usr/share/icons/hicolor/scalable/apps/coffer.svg');
  });
});

test('the configuration of AppImage, dmg and nsis passes the schema of electron-builder, which refuses a slip', async () => {
  const { validateConfiguration } = await import('app-builder-lib/out/util/config/config.js');
  const { builderConfig } = await import('../../scripts/package/builder-config.mjs');
  const config = builderConfig(electronRuntime());
  for (const part of ['linux', 'mac', 'win', 'nsis'] as const) expect(config[part]).toBeTruthy();
  await expect(validateConfiguration(config, new DebugLogger(false))).resolves.toBeUndefined();
  const slip = { ...config, nsis: { ...config.nsis, perMachin: true } };
  await expect(validateConfiguration(slip, new DebugLogger(false))).rejects.toThrow(/configuration\.nsis/);
});
