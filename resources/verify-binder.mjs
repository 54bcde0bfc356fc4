#!/usr/bin/env node
// Verifies a Coffer close binder with nothing but Node: node verify-binder.mjs FOLDER   (the binder, unzipped)
// It recomputes every hash, the audit chain, and the arithmetic of the month from the CSV files alone.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const folder = process.argv[2] ?? '.';
const problems = [];
const fail = (where, what) => problems.push(`${where}: ${what}`);
const read = (name) => readFileSync(join(folder, name));

/** RFC 4180, with BOM; rows as objects with the line they begin on. */
function table(name) {
  const text = read(name).toString('utf8').replace(/^\uFEFF/, '');
  const records = [];
  let cells = [''];
  let quoted = false;
  let line = 1;
  let begun = 1;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line += 1;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') cells[cells.length - 1] += text[++i];
      else if (c === '"') quoted = false;
      else cells[cells.length - 1] += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') cells.push('');
    else if (c === '\n') {
      records.push({ begun, cells });
      cells = [''];
      begun = line;
    } else if (c !== '\r') cells[cells.length - 1] += c;
  }
  const header = records.shift()?.cells ?? [];
  return records.map(({ begun: at, cells: row }) => Object.assign(Object.fromEntries(header.map((h, i) => [h, row[i] ?? ''])), { line: at }));
}

const sum = (rows, column) => rows.reduce((total, row) => total + BigInt(row[column] || '0'), 0n);

// 1. Every file is the one that was signed for.
const manifest = JSON.parse(read('manifest.json').toString('utf8'));
for (const [name, expected] of Object.entries(manifest.files)) {
  try {
    if (sha256(read(name)) !== expected) fail(name, 'its SHA-256 is not the one in manifest.json');
  } catch {
    fail(name, 'it is missing');
  }
}
for (const name of readdirSync(folder)) {
  if (name !== 'manifest.json' && !(name in manifest.files)) fail(name, 'it is not in manifest.json');
}

// 2. The audit log: each event follows from the one before, the head is the one in the manifest.
let prev = '0'.repeat(64);
let seq = 0n;
for (const event of table('audit.csv')) {
  const at = `audit.csv:${event.line}`;
  seq += 1n;
  const quote = JSON.stringify;
  const plain = (text) => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);
  const canonical = (text) =>
    `{"action":${quote(text(event.action))},"actor":${quote(text(event.actor))},"at":${quote(event.at)},"payloadHash":${quote(event.payload_hash)},"subject":${quote(text(event.subject))}}`;
  if (BigInt(event.seq) !== seq) fail(at, `sequence ${event.seq}, expected ${seq}`);
  if (event.prev_hash !== prev) fail(at, 'it does not follow from the event before');
  const hashOf = (text) => sha256(`coffer-audit-v1\n${event.seq}\n${event.prev_hash}\n${canonical(text)}`);
  // A leading apostrophe is the export's, or was in the text itself.
  if (event.hash !== hashOf(plain) && event.hash !== hashOf((text) => text)) fail(at, 'its hash is not that of its content');
  prev = event.hash;
}
if (prev !== manifest.auditHead) fail('audit.csv', 'its last hash is not the head in manifest.json: the log was cut or extended');

// 3. The arithmetic of the month, from the rows alone.
const summary = JSON.parse(read('summary.json').toString('utf8'));
const earnings = table('earnings.csv');
const unallocated = table('unallocated.csv');
const payouts = table('payouts.csv');
for (const row of earnings) {
  const at = `earnings.csv:${row.line}`;
  const n = (column) => BigInt(row[column]);
  if (n('fee_minor') !== (n('gross_minor') * BigInt(manifest.feeBps) + 5000n) / 10000n) fail(at, 'the fee is not half up of the gross');
  if (n('net_minor') !== n('gross_minor') - n('fee_minor')) fail(at, 'net is not gross − fee');
  if (n('payable_minor') !== n('opening_minor') + n('net_minor')) fail(at, 'payable is not opening + net');
  if (n('owed_after_minor') !== n('payable_minor') - n('paid_minor')) fail(at, 'owed after is not payable − paid');
  const paid = payouts.filter((p) => p.creator_id === row.creator_id && p.currency === row.currency && p.status === 'posted');
  if (sum(paid, 'amount_minor') !== n('paid_minor')) fail(at, 'paid is not the sum of the posted payouts');
}
for (const row of unallocated) {
  const at = `unallocated.csv:${row.line}`;
  if (BigInt(row.unallocated_minor) !== BigInt(row.funds_minor) - BigInt(row.allocated_minor)) fail(at, 'unallocated is not funds − allocated');
}
for (const [currency, total] of Object.entries(summary)) {
  const of = (rows) => rows.filter((row) => row.currency === currency);
  const check = (name, value) => {
    if (BigInt(total[name]) !== value) fail(`summary.json ${currency} ${name}`, `${total[name]}, the rows come to ${value}`);
  };
  check('collected', sum(of(unallocated), 'funds_minor'));
  check('unallocated', sum(of(unallocated), 'unallocated_minor'));
  check('funded', sum(of(unallocated), 'allocated_minor'));
  for (const name of ['fee', 'net', 'opening', 'payable', 'paid', 'owed_after']) check(name, sum(of(earnings), `${name}_minor`));
  check('collected', BigInt(total.net) + BigInt(total.fee) + BigInt(total.suspense) + BigInt(total.unallocated));
  check('platform_revenue', BigInt(total.fee) + BigInt(total.unallocated));
}
const balance = new Map();
for (const row of table('journal_entries.csv')) {
  balance.set(row.currency, (balance.get(row.currency) ?? 0n) + BigInt(row.debit_minor) - BigInt(row.credit_minor));
}
for (const [currency, difference] of balance) if (difference !== 0n) fail('journal_entries.csv', `debits and credits differ by ${difference} ${currency}`);

if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`NOT VERIFIED: ${problems.length} problems`);
  process.exit(1);
}
console.log(`VERIFIED: period ${manifest.period}, ${Object.keys(manifest.files).length} files, ${seq} audit events, head ${prev}`);
