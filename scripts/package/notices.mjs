import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { productionPackages } from './sbom.mjs';

/** @typedef {import('./sbom.mjs').Component} Component */

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/**
 * Every component of the bill of materials with its licence, in full where the package brings it.
 * @param {import('./sbom.mjs').Bill} bill
 */
export async function noticesText({ components }) {
  const sorted = [...components].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
  const parts = [
    `Coffer contains ${sorted.length} components of others. Electron's own notices are LICENSE.electron.txt and, for Chromium and what it contains, LICENSES.chromium.html.`,
  ];
  const folders = await productionPackages();
  for (const component of sorted) {
    const text = (await licenceTexts(folders.get(component['bom-ref']))).join('\n\n');
    parts.push(
      `${'─'.repeat(100)}\n${component.name} ${component.version}\nLicence: ${licenceName(component)}\n\n${text}`.trimEnd(),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** @param {string | undefined} folder */
async function licenceTexts(folder) {
  if (!folder) return [];
  const names = (await readdir(folder)).filter((name) => licenceFile.test(name)).sort();
  return Promise.all(names.map(async (name) => (await readFile(path.join(folder, name), 'utf8')).trim()));
}

/** @param {Component} component */
function licenceName({ licenses = [] }) {
  const names = /** @type {{ license?: { id?: string, name?: string }, expression?: string }[]} */ (licenses).map(
    ({ license, expression }) => expression ?? license?.id ?? license?.name,
  );
  return names.filter(Boolean).join(', ') || 'not stated';
}
