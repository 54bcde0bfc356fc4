import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { projectRoot } from './paths.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number, failures: readonly string[] }} Tally `failures`: each named, with its message. */

/** @type {Tally} */
export const none = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** @param {number} exitCode of a stage that counts as one test */
export function tallyOf(exitCode) {
  return exitCode === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 };
}

/**
 * @param {readonly Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  return tallies.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      failures: [...total.failures, ...one.failures],
    }),
    none,
  );
}

/** @param {Tally} tally */
export function lineOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @param {string} file written by vitest's JSON reporter
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyVitest(file, exitCode) {
  const report = read(file);
  if (!report) return { ...none, failed: 1 };
  // A file that could not be loaded has no tests in it, and counts as one that failed.
  const broken = report.testResults.filter(
    (/** @type {any} */ suite) =>
      suite.status === 'failed' && suite.assertionResults.every((/** @type {any} */ test) => test.status !== 'failed'),
  );
  return atLeastOneFailure(exitCode, {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap((/** @type {any} */ suite) => [
      ...(broken.includes(suite) ? [failure(suite.name, suite.message)] : []),
      ...suite.assertionResults
        .filter((/** @type {any} */ test) => test.status === 'failed')
        .map((/** @type {any} */ test) => failure(`${suite.name} › ${test.fullName}`, test.failureMessages.join('\n'))),
    ]),
  });
}

/**
 * @param {string} file written by Playwright's JSON reporter
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyPlaywright(file, exitCode) {
  const report = read(file);
  if (!report) return { ...none, failed: 1 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  const failures = report.suites.flatMap(playwrightFailures);
  return atLeastOneFailure(exitCode, { passed: expected + flaky, failed: unexpected, skipped, failures });
}

/**
 * @param {any} suite of Playwright's report, with suites of its own
 * @returns {string[]}
 */
function playwrightFailures(suite) {
  const own = (suite.specs ?? [])
    .filter((/** @type {any} */ spec) => !spec.ok)
    .map((/** @type {any} */ spec) => {
      const results = spec.tests.flatMap((/** @type {any} */ test) => test.results);
      const messages = results.map((/** @type {any} */ result) => result.error?.message ?? '');
      return failure(`${spec.file} › ${spec.title}`, messages.join('\n'));
    });
  return [...own, ...(suite.suites ?? []).flatMap(playwrightFailures)];
}

/** Lines enough to say what was expected and what came, or which seed it was. */
const MESSAGE_LINES = 12;

/**
 * @param {string} name
 * @param {string} message
 */
function failure(name, message) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, MESSAGE_LINES);
  return [name.replace(`${projectRoot}/`, ''), ...lines].join('\n    ');
}

/**
 * A runner that fails for a reason that no test has (an error between tests, a crash) is a failure all the same.
 * @param {number} exitCode
 * @param {Tally} tally
 * @returns {Tally}
 */
function atLeastOneFailure(exitCode, tally) {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** @param {string} file */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
