/**
 * Holds scripts/import-rules.mjs over electron/, renderer/ and shared/, and that no files import each other in a circle.
 * Type-only imports count. The parser is the bundler's own, since TypeScript 7 has none that other tools can load.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync } from 'vite';
import { brokenRule } from './import-rules.mjs';
import { projectRoot } from './paths.mjs';

/** @typedef {import('./import-rules.mjs').Import & { line: number }} FoundImport */

const folders = ['electron', 'renderer', 'shared'];
const source = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
const endings = ['', '.ts', '.tsx', '.mts', '.d.ts', '.js', '.mjs', '/index.ts', '/index.tsx', '/index.js'];

/**
 * @param {string} root
 * @returns {{ files: number, violations: string[] }}
 */
export function checkImports(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
  const files = folders.flatMap((folder) => sourcesIn(root, folder));
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  const violations = [];
  for (const file of files) {
    const imports = importsOf(root, file, declared);
    if (!imports) {
      violations.push(`${file} cannot be parsed, so its imports cannot be checked`);
      continue;
    }
    graph.set(
      file,
      imports.filter(({ kind }) => kind === 'file').map(({ name }) => name),
    );
    for (const target of imports) {
      const rule = brokenRule(file, target);
      if (rule) violations.push(`${file}:${target.line} imports ${target.name}: ${rule.name} (${rule.why})`);
    }
  }
  for (const circle of circles(graph)) violations.push(`${circle.join(' → ')}: no circles`);
  return { files: files.length, violations: [...new Set(violations)] };
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]} paths from the root, with forward slashes
 */
function sourcesIn(root, folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`)
    .filter((name) => source.test(name) && !name.includes('node_modules/'))
    .sort();
}

/**
 * @param {string} root
 * @param {string} file
 * @param {Set<string>} declared
 * @returns {FoundImport[] | undefined} undefined for a file with a syntax error
 */
function importsOf(root, file, declared) {
  const text = readFileSync(path.join(root, file), 'utf8');
  const parsed = parseSync(file, text);
  if (parsed.errors.length > 0) return undefined;
  /** @type {{ specifier: string, at: number, typeOnly: boolean }[]} */
  const found = [];
  for (const node of parsed.module.staticImports) {
    const typeOnly = node.entries.length > 0 && node.entries.every((entry) => entry.isType);
    found.push({ specifier: node.moduleRequest.value, at: node.start, typeOnly });
  }
  for (const node of parsed.module.staticExports) {
    const from = node.entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (from)
      found.push({ specifier: from.value, at: node.start, typeOnly: node.entries.every((entry) => entry.isType) });
  }
  visit(parsed.program, (node) => {
    const request = requestOf(node);
    if (request) found.push({ specifier: request, at: node.start, typeOnly: node.type === 'TSImportType' });
  });
  return found.map(({ specifier, at, typeOnly }) => ({
    ...resolve(root, file, specifier, declared),
    typeOnly,
    line: text.slice(0, at).split('\n').length,
  }));
}

/**
 * What `import('x')`, `require('x')`, `import x = require('x')` and the type `import('x').Y` ask for.
 * @param {any} node
 * @returns {string | undefined}
 */
function requestOf(node) {
  if (node.type === 'ImportExpression' || node.type === 'TSImportType') return literal(node.source ?? node.argument);
  if (node.type === 'TSExternalModuleReference') return literal(node.expression);
  const isRequire =
    node.type === 'CallExpression' && node.callee?.type === 'Identifier' && node.callee.name === 'require';
  return isRequire ? literal(node.arguments?.[0]) : undefined;
}

/** @param {any} node */
function literal(node) {
  const value = node?.type === 'TSLiteralType' ? node.literal?.value : node?.value;
  return typeof value === 'string' ? value : undefined;
}

/**
 * @param {any} node
 * @param {(node: any) => void} see
 */
function visit(node, see) {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, see);
  } else if (node && typeof node === 'object') {
    if (typeof node.type === 'string') see(node);
    for (const key of Object.keys(node)) visit(node[key], see);
  }
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string} specifier
 * @param {Set<string>} declared
 * @returns {{ kind: import('./import-rules.mjs').Import['kind'], name: string }}
 */
function resolve(root, file, specifier, declared) {
  const [request] = specifier.split('?');
  if (request.startsWith('.')) {
    const base = path.posix.join(path.posix.dirname(file), request);
    // `./x.js` may be written for `./x.ts`.
    const bases = [base, base.replace(/\.([cm]?)js$/, '.$1ts'), base.replace(/\.jsx?$/, '.tsx')];
    const candidates = bases.flatMap((start) => endings.map((ending) => start + ending));
    const name = candidates.find((candidate) => {
      const place = path.join(root, candidate);
      return existsSync(place) && statSync(place).isFile();
    });
    return name ? { kind: 'file', name } : { kind: 'missing', name: specifier };
  }
  if (isBuiltin(request)) return { kind: 'builtin', name: request };
  const name = request
    .split('/')
    .slice(0, request.startsWith('@') ? 2 : 1)
    .join('/');
  return declared.has(name) ? { kind: 'package', name } : { kind: 'missing', name: specifier };
}

/**
 * @param {Map<string, string[]>} graph
 * @returns {string[][]} each circle once, from its first file back to it
 */
function circles(graph) {
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map();
  /** @type {string[]} */
  const trail = [];
  /** @type {string[][]} */
  const found = [];
  const follow = (/** @type {string} */ file) => {
    state.set(file, 'open');
    trail.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') found.push([...trail.slice(trail.indexOf(next)), next]);
      else if (!state.has(next)) follow(next);
    }
    trail.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) if (!state.has(file)) follow(file);
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { files, violations } = checkImports(projectRoot);
  for (const violation of violations) process.stdout.write(`${violation}\n`);
  process.stdout.write(`Import rules: ${files} files, ${violations.length} broken\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
