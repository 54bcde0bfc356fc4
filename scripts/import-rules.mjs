/**
 * Imports point one way: renderer → shared ← electron; main → services → ledger, journal, rails, store, stripe.
 * A file's place tells its privilege; these rules hold it. `npm run check:imports` applies them.
 *
 * @typedef {{
 *   kind: 'file' | 'package' | 'builtin' | 'missing',
 *   name: string,
 *   typeOnly: boolean,
 * }} Import `name` is a path from the project's root, a package's name, or a Node module's name
 *
 * @typedef {{ name: string, why: string, from: (file: string) => boolean, forbids: (target: Import) => boolean }} Rule
 */

/** Run under plain Node, in tests and headless. */
const withoutElectron = within('services', 'ledger', 'journal', 'rails', 'store', 'stripe', 'headless', 'sandbox');

/** @type {readonly Rule[]} */
export const rules = [
  {
    name: 'everything resolves',
    why: 'an import that leads nowhere would escape the other rules',
    from: () => true,
    forbids: ({ kind }) => kind === 'missing',
  },
  {
    name: 'renderer imports renderer and shared',
    why: 'it has no privileges and reaches the rest through the preload only',
    from: under('renderer/'),
    forbids: (target) =>
      (target.kind === 'file' && !under('renderer/', 'shared/')(target.name)) ||
      target.kind === 'builtin' ||
      isPackage(target, 'electron', 'electron-log', 'stripe', 'keytar', 'libsql', 'kysely'),
  },
  {
    name: 'shared is pure',
    why: 'both sides use it: it imports shared and zod, nothing else',
    from: under('shared/'),
    forbids: (target) => !(target.kind === 'file' && under('shared/')(target.name)) && !isPackage(target, 'zod'),
  },
  {
    name: 'electron imports electron, shared and resources',
    why: 'the privileged side never depends on the interface, tests or scripts',
    from: under('electron/'),
    forbids: (target) => target.kind === 'file' && !under('electron/', 'shared/', 'resources/')(target.name),
  },
  {
    name: 'services and below run without Electron',
    why: 'they run under plain Node, in tests and headless',
    from: withoutElectron,
    forbids: (target) =>
      isPackage(target, 'electron') || (target.kind === 'file' && within('main', 'preload')(target.name)),
  },
  {
    name: 'stripe in one place',
    why: 'only electron/stripe makes the client; electron/rails may name its types',
    from: (file) => !within('stripe')(file),
    forbids: (target) => isPackage(target, 'stripe'),
  },
  {
    name: 'database in one place',
    why: 'only electron/store imports the SQLite driver',
    from: (file) => !within('store')(file),
    forbids: (target) => isPackage(target, 'libsql'),
  },
  {
    name: 'keychain in one place',
    why: 'only electron/keychain imports keytar',
    from: (file) => !within('keychain')(file),
    forbids: (target) => isPackage(target, 'keytar'),
  },
  {
    name: 'ledger and journal below services',
    why: 'the books do not know who writes in them',
    from: within('ledger', 'journal'),
    forbids: (target) => target.kind === 'file' && within('services', 'headless', 'sandbox')(target.name),
  },
];

/**
 * The first rule that an import breaks.
 * @param {string} file
 * @param {Import} target
 * @returns {Rule | undefined}
 */
export function brokenRule(file, target) {
  if (within('rails')(file) && isPackage(target, 'stripe') && target.typeOnly) return undefined;
  return rules.find((rule) => rule.from(file) && rule.forbids(target));
}

/** @param {string[]} folders */
function under(...folders) {
  return (/** @type {string} */ file) => folders.some((folder) => file.startsWith(folder));
}

/** @param {string[]} parts of electron/ */
function within(...parts) {
  return under(...parts.map((part) => `electron/${part}/`));
}

/**
 * @param {Import} target
 * @param {string[]} names
 */
function isPackage(target, ...names) {
  return target.kind === 'package' && names.includes(target.name);
}
