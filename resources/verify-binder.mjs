#!/usr/bin/env node
// Verifies a Coffer close binder with nothing but Node:  node verify-binder.mjs FOLDER [--key FINGERPRINT]   (the binder, unzipped)
// It checks signatures, hashes and the audit chain, and computes the arithmetic of the month anew from the CSV files alone.
// --key: the fingerprint of the signing key as you know it from elsewhere. Without it, a binder that somebody made and signed as a
// whole with a key of their own looks good. Take this program from where you trust it, not from the binder that you check.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [folder = '.', option, ...rest] = process.argv.slice(2);
const wantedKey = option === '--key' ? rest.join('').replace(/[^0-9a-f]/gi, '') : null;
const problems = [];
const fail = (where, what) => problems.push(`${where}: ${what}`);
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
/** What `attempt` gives; when it throws, the place is named and `otherwise` taken. */
const tried = (attempt, otherwise, place, what) => {
  try {
    return attempt();
  } catch {
    if (place) fail(place, what);
    return otherwise;
  }
};
const read = (name) => tried(() => readFileSync(join(folder, name)), Buffer.alloc(0), `${name}:1`, 'it is missing');
const json = (name) => tried(() => JSON.parse(read(name).toString('utf8')), {}, `${name}:1`, 'it is not JSON');
const int = (text) => (/^-?\d+$/.test(text ?? '') ? BigInt(text) : 0n);
/** JSON with one form only: keys in byte order, no white space. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
const publicKey = (key) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key, 'base64').toString('base64url') }, format: 'jwk' });
const signed = (key, text, signature) => tried(() => verify(null, Buffer.from(text), publicKey(key), Buffer.from(signature, 'base64')), false);
/** RFC 4180 with BOM; each row an object, with the line it begins on and where that is. */
function table(name) {
  const text = read(name).toString('utf8').replace(/^\uFEFF/, '');
  const records = [];
  let [cells, quoted, line, begun] = [[''], false, 1, 1];
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
      [cells, begun] = [[''], line];
    } else if (c !== '\r') cells[cells.length - 1] += c;
  }
  const header = records.shift()?.cells ?? [];
  return records.map(({ begun: at, cells: row }) => {
    if (row.length !== header.length) fail(`${name}:${at}`, `it has ${row.length} cells, the header ${header.length}`);
    const entry = { ...Object.fromEntries(header.map((h, i) => [h, row[i] ?? ''])), place: `${name}:${at}` };
    for (const column of header) if (/_minor$/.test(column) && !/^-?\d+$/.test(entry[column])) fail(entry.place, `${column} is not a whole number`);
    if ('amount_decimal' in entry && BigInt(entry.amount_decimal.replace('.', '') || 0) !== int(entry.amount_minor)) fail(entry.place, 'amount_decimal is not amount_minor');
    return entry;
  });
}
const sum = (rows, column) => rows.reduce((total, row) => total + int(row[column]), 0n);
const revenueOf = (rows) => rows.reduce((net, row) => (row.account.startsWith('revenue:') ? net + int(row.credit_minor) - int(row.debit_minor) : net), 0n);
function group(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.get(key(row))?.push(row) ?? groups.set(key(row), [row]);
  return groups;
}

// 1. Every file is the one that the signed manifest names; where one is not, the lines that differ.
const manifest = json('manifest.json');
const expectedLines = new Map(read('lines.txt').toString('utf8').split('\n').map((entry) => entry.split(' ')));
for (const [name, expected] of Object.entries(manifest.files ?? {})) {
  const content = read(name);
  if (sha256(content) === expected) continue;
  let named = 0;
  const lines = content.toString('utf8').split('\n');
  for (const [index, text] of lines.entries()) {
    const was = expectedLines.get(`${name}:${index + 1}`);
    if (was !== sha256(text).slice(0, 8) && named++ < 5) fail(`${name}:${index + 1}`, was === undefined ? 'a line too many' : 'this line was changed, or lines before it were added or removed');
  }
  if (expectedLines.has(`${name}:${lines.length + 1}`)) fail(`${name}:${lines.length + 1}`, 'the rest of the file is missing');
  if (named === 0) fail(`${name}:1`, 'its SHA-256 is not the one in manifest.json');
}
for (const name of readdirSync(folder)) {
  if (!['manifest.json', 'signature.json'].includes(name) && !(name in (manifest.files ?? {}))) fail(`${name}:1`, 'it is not in manifest.json');
}

// 2. The audit log: each event follows from the one before, its content is in audit.jsonl, the checkpoint signs its head.
const events = table('audit.csv');
const contents = read('audit.jsonl').toString('utf8').split('\n').filter(Boolean);
const plain = (text) => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);
const keys = [];
let closing;
let prev = '0'.repeat(64);
for (const [index, event] of events.entries()) {
  if (event.seq !== String(index + 1)) fail(event.place, `it is event ${event.seq}, expected ${index + 1}`);
  if (event.prev_hash !== prev) fail(event.place, 'it does not follow from the event before: one was removed, added or moved');
  const hashOf = (text) => sha256(`coffer-audit-v1\n${event.seq}\n${event.prev_hash}\n${canonical({ action: text(event.action), actor: text(event.actor), at: event.at, payloadHash: event.payload_hash, subject: text(event.subject) })}`);
  // A leading apostrophe is the export's, or was in the text itself.
  if (event.hash !== hashOf(plain) && event.hash !== hashOf((text) => text)) fail(event.place, 'its hash is not that of its content');
  const content = tried(() => JSON.parse(contents[index]), {});
  if (content.hash !== event.hash || sha256(canonical(content.payload ?? null)) !== event.payload_hash) fail(`audit.jsonl:${index + 1}`, `it is not event ${event.seq} of audit.csv with its content`);
  if (content.action === 'audit.key') keys.push(content.payload?.publicKey);
  if (content.action === 'month-end.closed' && content.subject === manifest.period && content.payload?.version === manifest.version) closing = content;
  prev = event.hash;
}
if (contents.length > events.length) fail(`audit.jsonl:${events.length + 1}`, 'there are more events than in audit.csv');
const last = `audit.csv:${events.length + 1}`; // the end of the log
const checkpoint = json('checkpoint.json');
const { mode, seq, head, at } = checkpoint;
if (!signed(checkpoint.publicKey, ['coffer-checkpoint-v1', mode, seq, head, at].join('\n'), checkpoint.signature)) fail('checkpoint.json:1', 'its signature is not valid');
if (!keys.includes(checkpoint.publicKey)) fail('checkpoint.json:1', 'the log does not name its key: it comes from another machine');
if (mode !== manifest.mode) fail('checkpoint.json:1', `it is of ${mode}, the binder of ${manifest.mode}`);
if (Number(seq) > events.length) fail(last, `the log was cut: it ends at event ${events.length}, event ${seq} was signed`);
else if (events[Number(seq) - 1]?.hash !== head || Number(seq) !== events.length) fail(last, 'its head is not the one that checkpoint.json signs: the log was cut, extended or written anew');
if (prev !== manifest.auditHead) fail(last, 'its last hash is not the head in manifest.json: the log was cut or extended');
const signature = json('signature.json');
if (!signed(signature.publicKey, `coffer-binder-v1\n${sha256(read('manifest.json'))}`, signature.signature)) fail('manifest.json:1', 'it is not what signature.json signs: the manifest was changed after it was signed');
if (!keys.includes(signature.publicKey)) fail('signature.json:1', 'the log does not name its key: it comes from another machine');
const print = sha256(Buffer.from(signature.publicKey ?? '', 'base64')).slice(0, 32);
if (wantedKey !== null && wantedKey !== print) fail('signature.json:1', `signed with key ${print}, not with ${wantedKey}`);

// 3. The arithmetic of the month, from the rows alone.
const summary = json('summary.json');
const [earnings, unallocated, payouts, operations, reconciled, journal, balances] = ['earnings', 'unallocated', 'payouts', 'operations', 'reconciliation', 'journal_entries', 'balances'].map((name) => table(`${name}.csv`));
if (closing?.payload?.figuresHash !== sha256(canonical(summary))) fail('summary.json:1', 'it is not what was signed off at the close (figuresHash in the audit log)');
const posted = group(payouts.filter((row) => row.status === 'posted'), (row) => `${row.creator_id} ${row.currency}`);
for (const row of earnings) {
  const n = (column) => int(row[column]);
  if (row.period !== manifest.period) fail(row.place, `it is of ${row.period}`);
  if (n('fee_minor') !== (n('gross_minor') * BigInt(manifest.feeBps ?? 0) + 5000n) / 10000n) fail(row.place, 'the fee is not half up of the gross');
  if (n('net_minor') !== n('gross_minor') - n('fee_minor')) fail(row.place, 'net is not gross − fee');
  if (n('payable_minor') !== n('opening_minor') + n('net_minor')) fail(row.place, 'payable is not opening + net');
  if (n('owed_after_minor') !== n('payable_minor') - n('paid_minor')) fail(row.place, 'owed after is not payable − paid');
  if (sum(posted.get(`${row.creator_id} ${row.currency}`) ?? [], 'amount_minor') !== n('paid_minor')) fail(row.place, 'paid is not the sum of the posted payouts');
}
const earners = new Set(earnings.map((row) => `${row.creator_id} ${row.currency}`));
for (const [who, [row]] of posted) if (!earners.has(who)) fail(row.place, 'a payout to somebody without earnings');
for (const row of unallocated) {
  const [funds, left] = [int(row.funds_minor), int(row.unallocated_minor)];
  if (left !== funds - int(row.allocated_minor)) fail(row.place, 'unallocated is not funds − allocated');
  if (row.usage_band !== (left * 2n > funds ? 'low' : left * 4n > funds ? 'medium' : 'high')) fail(row.place, 'the usage band does not follow from the amounts');
}
// Each movement: once among the operations, its entries in the journal, its lines at Stripe.
const byId = new Map(operations.map((row) => [row.intent_id, row]));
const payoutIds = new Set(payouts.map((row) => row.intent_id));
for (const row of payouts) {
  const same = byId.get(row.intent_id);
  if (!same || ['currency', 'amount_minor', 'status', 'stripe_object', 'created_at', 'settled_at'].some((column) => row[column] !== same[column])) fail(row.place, 'it is not the same in operations.csv');
}
const entries = group(journal, (row) => row.reference);
for (const row of operations) {
  const moved = (entries.get(row.intent_id) ?? []).filter((entry) => entry.account === 'storage' && entry.currency === row.currency);
  const amount = !['posted', 'compensated'].includes(row.status) ? 0n : ['fund', 'canary'].includes(row.kind) ? int(row.amount_minor) : -int(row.amount_minor);
  if (sum(moved, 'debit_minor') - sum(moved, 'credit_minor') !== amount) fail(row.place, 'the journal has another amount for it on account storage');
  if (row.kind === 'pay' && !payoutIds.has(row.intent_id)) fail(row.place, `payout ${row.intent_id} is not in payouts.csv`);
}
for (const [reference, rows] of entries) {
  for (const [currency, same] of group(rows, (row) => row.currency)) {
    const difference = sum(same, 'debit_minor') - sum(same, 'credit_minor');
    if (difference !== 0n) fail(same[0].place, `debits and credits of ${reference} differ by ${difference} ${currency}`);
  }
}
for (const row of balances) {
  const held = int(row.storage_available_minor) + int(row.storage_inbound_minor) + int(row.storage_outbound_minor);
  const coverage = int(row.owed_minor) > 0n ? String((held * 10000n) / int(row.owed_minor)) : '';
  if (row.coverage_bps !== coverage) fail(row.place, `the coverage is ${coverage || 'empty'}`);
}
// Opening + lines = closing, for both balances. A type with a space is late news of the platform, and no line at Stripe.
for (const proof of manifest.reconciliation ?? []) {
  if (int(proof.opening) + int(proof.lines) + int(proof.other) !== int(proof.closing)) fail('manifest.json:1', `${proof.side} ${proof.currency}: opening + lines is not closing`);
}
for (const [currency, rows] of group(reconciled.filter((row) => !row.type.includes(' ')), (row) => row.currency)) {
  const lines = sum((manifest.reconciliation ?? []).filter((proof) => proof.currency === currency), 'lines');
  if (sum(rows, 'amount_minor') !== lines) fail(rows[0].place, `the lines in ${currency} come to ${sum(rows, 'amount_minor')}, the reconciliation has ${lines}`);
}
for (const [currency, total] of Object.entries(summary)) {
  const of = (rows) => rows.filter((row) => row.currency === currency);
  const line = (name) => read('summary.json').toString('utf8').split(`"${currency}"`)[0].split('\n').length + Object.keys(total).indexOf(name) + 1;
  const check = (name, value) => int(total[name]) === value || fail(`summary.json:${line(name)}`, `${currency} ${name} is ${total[name]}, the rows come to ${value}`);
  for (const [name, column] of [['collected', 'funds'], ['unallocated', 'unallocated'], ['funded', 'allocated']]) check(name, sum(of(unallocated), `${column}_minor`));
  for (const name of ['fee', 'net', 'opening', 'payable', 'paid', 'owed_after']) check(name, sum(of(earnings), `${name}_minor`));
  for (const [name, ...is] of [['held', 'held'], ['carried', 'carried'], ['failed', 'failed', 'returned']]) check(name, sum(of(earnings).filter((row) => is.includes(row.disposition)), 'owed_after_minor'));
  for (const [name, value] of [['suspense', int(total.funded) - sum(of(earnings), 'gross_minor')], ['collected', int(total.net) + int(total.fee) + int(total.suspense) + int(total.unallocated)]]) check(name, value);
  for (const value of [int(total.fee) + int(total.unallocated) + int(total.revenue_adjustments), revenueOf(of(journal))]) check('platform_revenue', value);
  check('payouts_posted', BigInt(of(payouts).filter((row) => row.status === 'posted').length));
  check('payouts_failed', BigInt(of(earnings).filter((row) => ['failed', 'returned'].includes(row.disposition)).length));
}

if (problems.length > 0) {
  console.error([...problems, `NOT VERIFIED: ${problems.length} problems`].join('\n'));
  process.exit(1);
}
console.log(`VERIFIED: period ${manifest.period}, ${Object.keys(manifest.files).length} files, ${events.length} audit events, head ${prev}`);
console.log(`Signed with key ${print.match(/.{4}/g).join(' ')}; compare it with the one you know.`);
