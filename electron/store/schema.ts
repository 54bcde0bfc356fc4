/**
 * The store's tables. Amounts are INTEGER minor units and arrive as bigint; instants are ISO 8601 UTC text.
 * What must never change (ledger, intents, their events, audit, locked months) is guarded by triggers in the database itself.
 */
import type { Generated } from 'kysely';
import { GENESIS } from './audit-hash';

export interface Schema {
  setting: { key: string; value: string };
  data_import: {
    import_id: string;
    at: string;
    actor: string;
    source: string;
    content_hash: string;
    counts: string;
  };
  creator: {
    creator_id: string;
    display_name: string;
    email: string;
    stripe_account: string;
    hold_reason: string;
  };
  /** Holds placed in Coffer, beside those of the source. */
  creator_hold: { creator_id: string; reason: string; at: string; actor: string };
  subscriber: { subscriber_id: string; display_name: string };
  payment: {
    payment_id: string;
    subscriber_id: string;
    period: string;
    currency: string;
    amount: bigint;
    refunded: bigint;
    status: string;
    paid_at: string;
  };
  allocation: {
    allocation_id: string;
    subscriber_id: string;
    creator_id: string;
    period: string;
    currency: string;
    amount: bigint;
    status: string;
    updated_at: string;
  };
  /** Rows that arrived for a month already locked; they change nothing there and are posted to a later one. */
  late_row: {
    late_id: Generated<bigint>;
    import_id: string;
    kind: string;
    row_id: string;
    /** The locked month. */
    period: string;
    currency: string;
    /** Canonical JSON of the row, and of what was known of it before; null for a new one. */
    content: string;
    previous: string | null;
    /** Of a payment: what it brings more (or, negative, less) than before. Of an allocation: what it asks for. */
    change: bigint;
    posted_in: string | null;
    tx_id: string | null;
  };
  /** What late rows came to in the ledger: earning, suspense, lapse, borne. */
  late_posting: {
    late_posting_id: Generated<bigint>;
    tx_id: string;
    origin: string;
    posted_in: string;
    currency: string;
    part: string;
    party: string;
    gross: bigint;
    fee: bigint;
    amount: bigint;
  };
  period_lock: {
    period: string;
    snapshot_hash: string;
    payments: bigint;
    allocations: bigint;
    locked_at: string;
    actor: string;
  };
  ledger_transaction: {
    tx_id: string;
    at: string;
    kind: string;
    period: string | null;
    intent_id: string | null;
    description: string;
  };
  /** `amount` positive is a debit, negative a credit. */
  ledger_entry: { entry_id: Generated<bigint>; tx_id: string; account: string; currency: string; amount: bigint };
  /** Kept by a trigger on ledger_entry. Debit balances positive. */
  ledger_balance: { account: string; currency: string; balance: bigint };
  intent: {
    intent_id: string;
    kind: string;
    run: string;
    batch: string;
    subject: string;
    period: string;
    creator_id: string | null;
    currency: string;
    amount: bigint;
    rail: string;
    mode: string;
    stripe_account: string | null;
    source: string;
    destination: string;
    idempotency_key: string;
    request: string;
    request_hash: string;
    description: string;
    actor: string;
    approved_hash: string | null;
    retry_of: string | null;
    created_at: string;
  };
  intent_event: {
    intent_id: string;
    seq: bigint;
    at: string;
    state: string;
    attempt: bigint;
    stripe_object: string | null;
    request_id: string | null;
    code: string | null;
    message: string | null;
  };
  /** The latest event of each intent; written in the same transaction as the event. */
  intent_state: {
    intent_id: string;
    kind: string;
    run: string;
    period: string;
    subject: string;
    state: string;
    occupies: bigint;
    attempts: bigint;
    stripe_object: string | null;
    request_id: string | null;
    code: string | null;
    message: string | null;
    updated_at: string;
    settled_at: string | null;
  };
  month_end_run: {
    period: string;
    version: bigint;
    state: string;
    current: bigint;
    started_at: string;
    plan_hash: string | null;
    approved_by: string | null;
    approved_at: string | null;
    closed_by: string | null;
    closed_at: string | null;
    reopen_reason: string | null;
  };
  month_end_step: {
    period: string;
    version: bigint;
    step: string;
    state: string;
    started_at: string;
    ended_at: string | null;
    actor: string;
    result: string;
  };
  warning_acknowledgement: { period: string; version: bigint; step: string; code: string; at: string; actor: string };
  earning: {
    period: string;
    currency: string;
    creator_id: string;
    gross: bigint;
    fee: bigint;
    net: bigint;
    opening: bigint;
    payable: bigint;
    disposition: string;
    reason: string;
    fee_rule: string;
    /** What it had come to when the period was closed; null before. Later news changes none of it. */
    closed_paid: bigint | null;
    closed_disposition: string | null;
    closed_reason: string | null;
  };
  lapse: {
    period: string;
    currency: string;
    subscriber_id: string;
    funds: bigint;
    allocated: bigint;
    unfunded: bigint;
    unallocated: bigint;
    usage_band: string;
  };
  suspense: {
    period: string;
    currency: string;
    creator_id: string;
    amount: bigint;
    allocations: bigint;
  };
  period_figures: { period: string; currency: string; figures: string };
  balance_snapshot: {
    at: string;
    currency: string;
    payments_available: bigint;
    payments_pending: bigint;
    storage_available: bigint;
    storage_inbound: bigint;
    storage_outbound: bigint;
    owed: bigint;
    coverage_bps: bigint | null;
    seeded: bigint;
    /** What the ledger said Storage holds, movements under way included. */
    books: bigint;
    /** Of `owed`: earned so far in `month`, which was not calculated then; null when none was open. */
    accrued: bigint;
    month: string | null;
    /** Of the difference (storage − owed); the rest of it was explained by name. */
    unexplained: bigint;
    /** The last ledger entry that this reading knew of; 0: none. */
    entries: bigint;
  };
  /** Events that were read, until Stripe no longer lists them; `handled` once their objects were looked at. */
  stripe_event: {
    event_id: string;
    source: string;
    type: string;
    object: string;
    created_at: string;
    read_at: string;
    handled: bigint;
  };
  /** Stripe's time up to which a list of events was read. */
  event_cursor: { source: string; read_until: string };
  stripe_line: {
    side: string;
    stripe_id: string;
    type: string;
    currency: string;
    amount: bigint;
    created_at: string;
    source: string | null;
    description: string;
    period: string;
    intent_id: string | null;
    outcome: string;
    /** Of an exception: one of the classes of docs/reconciliation.md. */
    class: string | null;
    /** What the ledger holds for the line already, through its movement; the rest is posted when it is explained. */
    booked: bigint;
    booked_currency: string | null;
    explanation: string;
    /** Who takes care of an exception, and what they noted. */
    owner: string | null;
    note: string | null;
    resolved_by: string | null;
    resolved_at: string | null;
  };
  /** Movements beyond the first that one line at Stripe is for. */
  line_movement: { side: string; stripe_id: string; intent_id: string };
  /** A line that Stripe should show for a movement of ours and does not. */
  missing_line: {
    side: string;
    intent_id: string;
    currency: string;
    amount: bigint;
    found_at: string;
    period: string;
    outcome: string;
    explanation: string;
    owner: string | null;
    note: string | null;
    resolved_by: string | null;
    resolved_at: string | null;
  };
  alert: {
    alert_id: string;
    condition: string;
    severity: string;
    title: string;
    meaning: string;
    action: string;
    screen: string;
    raised_at: string;
    last_seen_at: string;
    seen: bigint;
    acknowledged_at: string | null;
    acknowledged_by: string | null;
    /** Until when a person put it off; it counts meanwhile. */
    snoozed_until: string | null;
    /** When the desktop was told; null: not yet, or it was put off since. */
    notified_at: string | null;
    resolved_at: string | null;
    note: string | null;
    /** When a reading no longer found the condition; the next time it holds is another alert. */
    ended_at: string | null;
    open: bigint;
  };
  /** What happened to an alert: raised, notified, acknowledged, snoozed, resolved, reopened, ended. */
  alert_event: { alert_id: string; seq: bigint; at: string; actor: string; action: string; note: string };
  /** What the schedule did or began; one row for each month and kind, so that nothing runs twice. */
  scheduled: {
    period: string;
    kind: string;
    due_at: string;
    started_at: string;
    ended_at: string | null;
    state: string;
    detail: string;
    /** JSON: what has to be moved to Storage, by currency. */
    funding: string;
  };
  withdrawal: {
    withdrawal_id: string;
    currency: string;
    amount: bigint;
    period: string;
    /** JSON: the arithmetic of what was safe to withdraw when it was planned. */
    terms: string;
    plan_hash: string;
    planned_by: string;
    planned_at: string;
    approved_by: string | null;
    approved_at: string | null;
    canceled_at: string | null;
  };
  migration_run: {
    run_id: string;
    period: string;
    state: string;
    current: bigint;
    plan: string;
    plan_hash: string;
    created_at: string;
    approved_by: string | null;
    approved_at: string | null;
    started_at: string | null;
    ended_at: string | null;
    stop_reason: string | null;
    verification: string | null;
    certificate: string | null;
  };
  audit_event: {
    seq: bigint;
    at: string;
    actor: string;
    action: string;
    subject: string;
    payload: string;
    payload_hash: string;
    prev_hash: string;
    hash: string;
  };
  /** Signed heads of the audit log; copies lie outside of the database. */
  /** Keys of people who may give a second approval, pinned by hand; a key that was revoked can be pinned anew under another `pin_id`. */
  approver: { pin_id: string; public_key: string; name: string; pinned_at: string; pinned_by: string };
  approver_revoked: { pin_id: string; at: string; by: string };
  approval_request: {
    nonce: string;
    period: string;
    version: bigint;
    plan_hash: string;
    /** Canonical JSON of what was asked. */
    subject: string;
    created_at: string;
    expires_at: string;
  };
  /** Approvals taken in; a nonce once. */
  second_approval: {
    nonce: string;
    /** The pin under which it was accepted. */
    pin_id: string;
    approver: string;
    signed_at: string;
    accepted_at: string;
    document: string;
  };
  /** The signature of each binder's manifest, so that the same binder has the same bytes whoever makes it again. */
  binder_signature: { manifest_hash: string; public_key: string; signature: string };
  audit_checkpoint: { seq: bigint; mode: string; head: string; at: string; public_key: string; signature: string };
}

/** "COFR" */
export const APPLICATION_ID = 0x434f4652;

const immutable = (table: string): string => `
  CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
  CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

const lockedMonth = (table: string): string => `
  CREATE TRIGGER ${table}_locked_insert BEFORE INSERT ON ${table} WHEN EXISTS (SELECT 1 FROM period_lock l WHERE l.period = NEW.period)
    BEGIN SELECT RAISE(ABORT, 'the month is locked'); END;
  CREATE TRIGGER ${table}_locked_update BEFORE UPDATE ON ${table} WHEN EXISTS (SELECT 1 FROM period_lock l WHERE l.period IN (OLD.period, NEW.period))
    BEGIN SELECT RAISE(ABORT, 'the month is locked'); END;
  CREATE TRIGGER ${table}_locked_delete BEFORE DELETE ON ${table} WHEN EXISTS (SELECT 1 FROM period_lock l WHERE l.period = OLD.period)
    BEGIN SELECT RAISE(ABORT, 'the month is locked'); END;`;

/** What a reading of the balances writes: no list of creators, subscribers or payouts is made of it. */
export const OBSERVED_TABLES: readonly string[] = [
  'balance_snapshot',
  'alert',
  'alert_event',
  'audit_event',
  'stripe_event',
  'event_cursor',
] satisfies (keyof Schema)[];

/** One entry for each schema version, applied in order, each in a transaction after a backup. Never edited once released. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE data_import (
    import_id TEXT PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, source TEXT NOT NULL,
    content_hash TEXT NOT NULL, counts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE creator (
    creator_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, email TEXT NOT NULL,
    stripe_account TEXT NOT NULL, hold_reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE creator_hold (
    creator_id TEXT PRIMARY KEY REFERENCES creator, reason TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE subscriber (subscriber_id TEXT PRIMARY KEY, display_name TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE payment (
    payment_id TEXT PRIMARY KEY, subscriber_id TEXT NOT NULL REFERENCES subscriber, period TEXT NOT NULL,
    currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
    refunded INTEGER NOT NULL CHECK (refunded >= 0 AND refunded <= amount),
    status TEXT NOT NULL CHECK (status IN ('succeeded','failed','disputed')), paid_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX payment_by_month ON payment (period, subscriber_id);
  CREATE TABLE allocation (
    allocation_id TEXT PRIMARY KEY, subscriber_id TEXT NOT NULL REFERENCES subscriber, creator_id TEXT NOT NULL,
    period TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
    status TEXT NOT NULL CHECK (status IN ('active','cancelled')), updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX allocation_by_month ON allocation (period, subscriber_id);
  CREATE INDEX allocation_by_creator ON allocation (creator_id, period);
  CREATE TABLE late_row (
    late_id INTEGER PRIMARY KEY, import_id TEXT NOT NULL, kind TEXT NOT NULL, row_id TEXT NOT NULL,
    period TEXT NOT NULL, currency TEXT NOT NULL, content TEXT NOT NULL, previous TEXT, change INTEGER NOT NULL,
    posted_in TEXT, tx_id TEXT
  ) STRICT;
  CREATE INDEX late_row_by_month ON late_row (period);
  CREATE TABLE period_lock (
    period TEXT PRIMARY KEY, snapshot_hash TEXT NOT NULL, payments INTEGER NOT NULL, allocations INTEGER NOT NULL,
    locked_at TEXT NOT NULL, actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  ${lockedMonth('payment')}
  ${lockedMonth('allocation')}
  ${immutable('period_lock')}

  CREATE TABLE ledger_transaction (
    tx_id TEXT PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, period TEXT, intent_id TEXT, description TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_transaction_by_intent ON ledger_transaction (intent_id) WHERE intent_id IS NOT NULL;
  CREATE TABLE ledger_entry (
    entry_id INTEGER PRIMARY KEY, tx_id TEXT NOT NULL REFERENCES ledger_transaction, account TEXT NOT NULL,
    currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount <> 0)
  ) STRICT;
  CREATE INDEX ledger_entry_by_tx ON ledger_entry (tx_id);
  CREATE INDEX ledger_entry_by_account ON ledger_entry (account, currency);
  CREATE TABLE late_posting (
    late_posting_id INTEGER PRIMARY KEY, tx_id TEXT NOT NULL, origin TEXT NOT NULL, posted_in TEXT NOT NULL,
    currency TEXT NOT NULL, part TEXT NOT NULL CHECK (part IN ('earning','suspense','lapse','borne')), party TEXT NOT NULL,
    gross INTEGER NOT NULL, fee INTEGER NOT NULL, amount INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX late_posting_by_origin ON late_posting (origin, currency);
  CREATE INDEX late_posting_by_month ON late_posting (posted_in);
  ${immutable('late_posting')}
  CREATE TABLE ledger_balance (
    account TEXT NOT NULL, currency TEXT NOT NULL, balance INTEGER NOT NULL, PRIMARY KEY (account, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER ledger_entry_balance AFTER INSERT ON ledger_entry BEGIN
    INSERT INTO ledger_balance (account, currency, balance) VALUES (NEW.account, NEW.currency, NEW.amount)
      ON CONFLICT (account, currency) DO UPDATE SET balance = balance + NEW.amount;
  END;
  ${immutable('ledger_transaction')}
  ${immutable('ledger_entry')}

  CREATE TABLE intent (
    intent_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('fund','release','pay','canary','compensate','withdraw')),
    run TEXT NOT NULL, batch TEXT NOT NULL, subject TEXT NOT NULL, period TEXT NOT NULL, creator_id TEXT,
    currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), rail TEXT NOT NULL, mode TEXT NOT NULL,
    stripe_account TEXT, source TEXT NOT NULL, destination TEXT NOT NULL, idempotency_key TEXT NOT NULL CHECK (idempotency_key = 'coffer-' || intent_id),
    request TEXT NOT NULL, request_hash TEXT NOT NULL, description TEXT NOT NULL, actor TEXT NOT NULL,
    approved_hash TEXT, retry_of TEXT, created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX intent_by_period ON intent (period, kind);
  CREATE INDEX intent_by_creator ON intent (creator_id) WHERE creator_id IS NOT NULL;
  CREATE INDEX intent_by_retried ON intent (retry_of) WHERE retry_of IS NOT NULL;
  CREATE TABLE intent_event (
    intent_id TEXT NOT NULL REFERENCES intent, seq INTEGER NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned','sending','unknown','processing','posted','failed','returned','canceled','compensated')),
    attempt INTEGER NOT NULL, stripe_object TEXT, request_id TEXT, code TEXT, message TEXT, PRIMARY KEY (intent_id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE intent_state (
    intent_id TEXT PRIMARY KEY REFERENCES intent, kind TEXT NOT NULL, run TEXT NOT NULL, period TEXT NOT NULL,
    subject TEXT NOT NULL, state TEXT NOT NULL, occupies INTEGER NOT NULL CHECK (occupies IN (0, 1)), attempts INTEGER NOT NULL,
    stripe_object TEXT, request_id TEXT, code TEXT, message TEXT, updated_at TEXT NOT NULL, settled_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX intent_one_live_per_subject ON intent_state (subject) WHERE occupies = 1;
  CREATE INDEX intent_state_by_state ON intent_state (state, kind);
  CREATE INDEX intent_state_by_run ON intent_state (run);
  CREATE UNIQUE INDEX intent_state_by_object ON intent_state (stripe_object) WHERE stripe_object IS NOT NULL;
  ${immutable('intent')}
  ${immutable('intent_event')}

  CREATE TABLE month_end_run (
    period TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, current INTEGER NOT NULL, started_at TEXT NOT NULL,
    plan_hash TEXT, approved_by TEXT, approved_at TEXT, closed_by TEXT, closed_at TEXT, reopen_reason TEXT,
    PRIMARY KEY (period, version)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX month_end_one_run ON month_end_run (period) WHERE current = 1;
  CREATE TABLE month_end_step (
    period TEXT NOT NULL, version INTEGER NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, started_at TEXT NOT NULL,
    ended_at TEXT, actor TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (period, version, step)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE warning_acknowledgement (
    period TEXT NOT NULL, version INTEGER NOT NULL, step TEXT NOT NULL, code TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL,
    PRIMARY KEY (period, version, step, code)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE earning (
    period TEXT NOT NULL, currency TEXT NOT NULL, creator_id TEXT NOT NULL, gross INTEGER NOT NULL, fee INTEGER NOT NULL,
    net INTEGER NOT NULL, opening INTEGER NOT NULL, payable INTEGER NOT NULL, disposition TEXT NOT NULL, reason TEXT NOT NULL,
    fee_rule TEXT NOT NULL, closed_paid INTEGER, closed_disposition TEXT, closed_reason TEXT,
    PRIMARY KEY (period, creator_id, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE lapse (
    period TEXT NOT NULL, currency TEXT NOT NULL, subscriber_id TEXT NOT NULL, funds INTEGER NOT NULL, allocated INTEGER NOT NULL,
    unfunded INTEGER NOT NULL, unallocated INTEGER NOT NULL, usage_band TEXT NOT NULL, PRIMARY KEY (period, subscriber_id, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE suspense (
    period TEXT NOT NULL, currency TEXT NOT NULL, creator_id TEXT NOT NULL, amount INTEGER NOT NULL, allocations INTEGER NOT NULL,
    PRIMARY KEY (period, creator_id, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE period_figures (
    period TEXT NOT NULL, currency TEXT NOT NULL, figures TEXT NOT NULL, PRIMARY KEY (period, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE balance_snapshot (
    at TEXT NOT NULL, currency TEXT NOT NULL, payments_available INTEGER NOT NULL, payments_pending INTEGER NOT NULL,
    storage_available INTEGER NOT NULL, storage_inbound INTEGER NOT NULL, storage_outbound INTEGER NOT NULL,
    owed INTEGER NOT NULL, coverage_bps INTEGER, seeded INTEGER NOT NULL, books INTEGER NOT NULL, accrued INTEGER NOT NULL,
    month TEXT, unexplained INTEGER NOT NULL, entries INTEGER NOT NULL, PRIMARY KEY (currency, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stripe_line (
    side TEXT NOT NULL, stripe_id TEXT NOT NULL, type TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
    created_at TEXT NOT NULL, source TEXT, description TEXT NOT NULL, period TEXT NOT NULL, intent_id TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('matched','timing','exception')),
    class TEXT CHECK (class IN ('unknown-to-us','amount-differs','currency-differs','duplicate','late','outside-movement')),
    booked INTEGER NOT NULL, booked_currency TEXT, explanation TEXT NOT NULL, owner TEXT, note TEXT,
    resolved_by TEXT, resolved_at TEXT, PRIMARY KEY (side, stripe_id), CHECK ((class IS NOT NULL) = (outcome = 'exception'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stripe_line_by_month ON stripe_line (period, outcome);
  CREATE INDEX stripe_line_by_source ON stripe_line (source) WHERE source IS NOT NULL;
  CREATE INDEX stripe_line_by_intent ON stripe_line (intent_id) WHERE intent_id IS NOT NULL;
  CREATE INDEX stripe_line_exceptions ON stripe_line (created_at) WHERE outcome = 'exception';
  CREATE INDEX stripe_line_unmatched ON stripe_line (outcome) WHERE outcome <> 'matched' AND resolved_by IS NULL;
  CREATE TABLE line_movement (
    side TEXT NOT NULL, stripe_id TEXT NOT NULL, intent_id TEXT NOT NULL REFERENCES intent, PRIMARY KEY (side, stripe_id, intent_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE missing_line (
    side TEXT NOT NULL, intent_id TEXT NOT NULL REFERENCES intent, currency TEXT NOT NULL, amount INTEGER NOT NULL,
    found_at TEXT NOT NULL, period TEXT NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('timing','exception')),
    explanation TEXT NOT NULL, owner TEXT, note TEXT, resolved_by TEXT, resolved_at TEXT, PRIMARY KEY (side, intent_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX missing_line_by_month ON missing_line (period, outcome);
  CREATE TABLE stripe_event (
    event_id TEXT PRIMARY KEY, source TEXT NOT NULL, type TEXT NOT NULL, object TEXT NOT NULL, created_at TEXT NOT NULL,
    read_at TEXT NOT NULL, handled INTEGER NOT NULL CHECK (handled IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stripe_event_not_handled ON stripe_event (created_at) WHERE handled = 0;
  CREATE INDEX stripe_event_by_time ON stripe_event (source, created_at);
  CREATE TABLE event_cursor (source TEXT PRIMARY KEY, read_until TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE alert (
    alert_id TEXT PRIMARY KEY, condition TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, meaning TEXT NOT NULL,
    action TEXT NOT NULL, screen TEXT NOT NULL, raised_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, seen INTEGER NOT NULL,
    acknowledged_at TEXT, acknowledged_by TEXT, snoozed_until TEXT, notified_at TEXT, resolved_at TEXT, note TEXT,
    ended_at TEXT, open INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX alert_one_occurrence ON alert (condition) WHERE ended_at IS NULL;
  CREATE TABLE alert_event (
    alert_id TEXT NOT NULL REFERENCES alert, seq INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    note TEXT NOT NULL, PRIMARY KEY (alert_id, seq)
  ) STRICT, WITHOUT ROWID;
  ${immutable('alert_event')}
  CREATE TABLE scheduled (
    period TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('remind-before','remind-after','prepare')), due_at TEXT NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT, state TEXT NOT NULL CHECK (state IN ('running','later','reminded','ready','stopped')),
    detail TEXT NOT NULL, funding TEXT NOT NULL, PRIMARY KEY (period, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE withdrawal (
    withdrawal_id TEXT PRIMARY KEY, currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), period TEXT NOT NULL,
    terms TEXT NOT NULL, plan_hash TEXT NOT NULL, planned_by TEXT NOT NULL, planned_at TEXT NOT NULL, approved_by TEXT,
    approved_at TEXT, canceled_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE migration_run (
    run_id TEXT PRIMARY KEY, period TEXT NOT NULL, state TEXT NOT NULL, current INTEGER NOT NULL, plan TEXT NOT NULL,
    plan_hash TEXT NOT NULL, created_at TEXT NOT NULL, approved_by TEXT, approved_at TEXT, started_at TEXT, ended_at TEXT,
    stop_reason TEXT, verification TEXT, certificate TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX migration_one_current ON migration_run (current) WHERE current = 1;
  CREATE TABLE audit_event (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    payload TEXT NOT NULL, payload_hash TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_event_of_no_movement ON audit_event (action) WHERE action NOT LIKE 'intent.%';
  CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
    WHEN NEW.prev_hash IS NOT coalesce((SELECT hash FROM audit_event WHERE seq = NEW.seq - 1), '${GENESIS}')
    BEGIN SELECT RAISE(ABORT, 'audit_event does not follow from the one before'); END;
  ${immutable('audit_event')}
  CREATE TABLE audit_checkpoint (
    seq INTEGER PRIMARY KEY REFERENCES audit_event, mode TEXT NOT NULL, head TEXT NOT NULL, at TEXT NOT NULL,
    public_key TEXT NOT NULL, signature TEXT NOT NULL
  ) STRICT;
  ${immutable('audit_checkpoint')}
  CREATE TABLE binder_signature (manifest_hash TEXT PRIMARY KEY, public_key TEXT NOT NULL, signature TEXT NOT NULL) STRICT, WITHOUT ROWID;
  ${immutable('binder_signature')}
  CREATE TABLE approver (
    pin_id TEXT PRIMARY KEY, public_key TEXT NOT NULL, name TEXT NOT NULL, pinned_at TEXT NOT NULL, pinned_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE approver_revoked (pin_id TEXT PRIMARY KEY REFERENCES approver, at TEXT NOT NULL, by TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE approval_request (
    nonce TEXT PRIMARY KEY, period TEXT NOT NULL, version INTEGER NOT NULL, plan_hash TEXT NOT NULL, subject TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE second_approval (
    nonce TEXT PRIMARY KEY REFERENCES approval_request, pin_id TEXT NOT NULL REFERENCES approver, approver TEXT NOT NULL,
    signed_at TEXT NOT NULL, accepted_at TEXT NOT NULL, document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  ${immutable('approver')}
  ${immutable('approver_revoked')}
  ${immutable('approval_request')}
  ${immutable('second_approval')}
  `,
];
