import { say } from './problem.mjs';
import { tool } from './tools.mjs';

/** @returns {Promise<number>} exit code */
export async function buildApp() {
  say('Building …');
  return tool('electron-vite', ['build', '--logLevel', 'warn']);
}
