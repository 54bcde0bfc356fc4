/** The software bill of materials: CycloneDX, made by npm from what is installed, with Electron and what is inside it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeModules, projectRoot } from '../paths.mjs';
import { Problem } from '../problem.mjs';
import { npm, npmReason, run } from '../process.mjs';

/**
 * @typedef {{ name: string, version: string, type: string, 'bom-ref': string, licenses?: unknown[],
 *   properties?: { name: string, value: string }[] } & Record<string, unknown>} Component
 * @typedef {{ metadata: { component: Component } & Record<string, unknown>, components: Component[],
 *   dependencies: { ref: string, dependsOn: string[] }[] } & Record<string, unknown>} Bill
 */

/**
 * Packages whose package.json points to their LICENSE file instead of naming it: the SPDX name of what stands there.
 * @type {Readonly<Record<string, string | undefined>>}
 */
const readInTheirLicence = { 'dejavu-fonts-ttf': 'Bitstream-Vera' };

/**
 * `--omit dev` of npm 11 also leaves out what development and production share, React among it: npm gives the whole bill here, and
 * what it noted at installation says which components are production's.
 * @param {import('../setup/electron-binary.mjs').Runtime} runtime
 * @returns {Promise<Bill>}
 */
export async function billOfMaterials(runtime) {
  const { command, args, shell } = npm([...['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application']]);
  const outcome = await run(command, args, { cwd: projectRoot, shell, timeout: 120_000 });
  if (outcome.code !== 0)
    throw new Problem(`npm sbom failed: ${npmReason(outcome.stderr) || 'npm 10 or newer is needed'}`);
  /** @type {Bill} */
  const bill = JSON.parse(outcome.stdout);
  const { name } = JSON.parse(await readFile(path.join(projectRoot, 'package.json'), 'utf8'));
  // npm names the project by its folder.
  bill.metadata.component.name = name;
  const kept = new Set((await productionPackages()).keys());
  bill.components = bill.components.filter((component) => kept.has(component['bom-ref']));
  for (const component of bill.components) {
    const licence = readInTheirLicence[component.name];
    if (licence) component.licenses ??= [{ license: { id: licence } }];
  }
  if (bill.components.length !== kept.size) throw new Problem('npm sbom does not list every production dependency.');
  bill.components.push(...(await runtimeComponents(runtime)));
  const root = bill.metadata.component['bom-ref'];
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => ref === root || kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
  bill.dependencies.find(({ ref }) => ref === root)?.dependsOn.push(`electron@${runtime.electron}`);
  return bill;
}

/** @returns {Promise<Map<string, string>>} the production packages that are installed: `name@version`, and the folder */
export async function productionPackages() {
  /** @type {Record<string, { name?: string, version: string, dev?: boolean, devOptional?: boolean }>} */
  const installed = JSON.parse(await readFile(path.join(nodeModules, '.package-lock.json'), 'utf8')).packages;
  const found = new Map();
  for (const [place, { name, version, dev, devOptional }] of Object.entries(installed)) {
    // npm installs the database's binary for both C libraries; Electron runs on one of them.
    if (dev || devOptional || /@libsql\/.*musl/.test(place)) continue;
    const called = name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(`${called}@${version}`, path.join(projectRoot, place));
  }
  return found;
}

/**
 * Electron is a development dependency to npm, and a part of the product to everyone else.
 * @param {import('../setup/electron-binary.mjs').Runtime} runtime
 * @returns {Promise<Component[]>}
 */
async function runtimeComponents(runtime) {
  const { chrome, node, v8, openssl } = await versionsOf(runtime.path);
  const part = (
    /** @type {string} */ name,
    /** @type {string} */ version,
    /** @type {string} */ licence,
    purl = '',
  ) => ({
    'bom-ref': `${name}@${version}`,
    type: 'framework',
    name,
    version,
    scope: 'required',
    ...(purl ? { purl } : {}),
    licenses: [{ license: { id: licence } }],
  });
  const electron = part('electron', runtime.electron, 'MIT', `pkg:npm/electron@${runtime.electron}`);
  const source = runtime.kind === 'stand-in' ? 'stand-in from the package registry' : 'official build';
  return [
    { ...electron, properties: [{ name: 'coffer:runtime', value: source }] },
    part('chromium', chrome, 'BSD-3-Clause', `pkg:generic/chromium@${chrome}`),
    part('node', node, 'MIT', `pkg:generic/node@${node}`),
    part('v8', v8, 'BSD-3-Clause', `pkg:generic/v8@${v8}`),
    part('boringssl', openssl, 'OpenSSL', `pkg:generic/boringssl@${openssl}`),
  ];
}

/**
 * @param {string} executable a development runtime, on which RunAsNode is on
 * @returns {Promise<{ chrome: string, node: string, v8: string, openssl: string }>}
 */
async function versionsOf(executable) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { code, stdout } = await run(executable, ['-p', 'JSON.stringify(process.versions)'], { env, timeout: 30_000 });
  if (code !== 0) throw new Problem('The Electron that set-up supplied does not say which versions it is made of.');
  return JSON.parse(stdout);
}
