//! The tables that every store has, for copies from one store to another.

/// A table whose rows a copy takes over.
#[derive(Debug)]
pub struct CopiedTable {
    /// The name of the table.
    pub name: &'static str,
    /// The columns of its unique key, by which rows are ordered.
    pub key: &'static str,
    /// All columns, each with its type on PostgreSQL. Elsewhere a `jsonb` is a text in JSON, and a
    /// `boolean` is 0 or 1.
    pub columns: &'static str,
}

/// The tables in the order of a copy, without the heartbeat, which each database has of its own.
pub const TABLES: [CopiedTable; 23] = [
    CopiedTable {
        name: "event",
        key: "seq",
        columns: "seq bigint, id text, payload text, type text, created bigint, livemode boolean, \
                  api_version text, account text, object_id text, payment text, \
                  invoice text, snapshot_event text, facts text, state text, reason text, \
                  origin text, fetched_at bigint, \
                  received_at bigint",
    },
    CopiedTable {
        name: "fetch_queue",
        key: "seq",
        columns: "seq bigint, due_at bigint, attempts integer",
    },
    CopiedTable { name: "acknowledgement", key: "seq", columns: "seq bigint, at bigint, who text" },
    CopiedTable {
        name: "delivery_hour",
        key: "hour",
        columns: "hour bigint, events bigint, first_at bigint, last_at bigint, gap bigint, \
                  gap_before bigint, own_money_at bigint, connected bigint, connected_at bigint, \
                  connected_account text, within_1 bigint, within_5 bigint, within_15 bigint, within_60 bigint, \
                  within_600 bigint, within_3600 bigint, within_10800 bigint, within_28800 bigint, \
                  within_86400 bigint, within_259200 bigint",
    },
    CopiedTable {
        name: "rolled_up",
        key: "only_row",
        columns: "only_row boolean, seq bigint, received_at bigint",
    },
    CopiedTable {
        name: "payment",
        key: "id",
        columns: "id text, progress text, amount bigint, currency text, livemode boolean, \
                  at bigint, version bigint, event_id text, no_invoice bigint, link bigint, \
                  invoice text, refunded bigint, lost bigint, lost_in text, dispute bigint",
    },
    CopiedTable {
        name: "invoice",
        key: "id",
        columns: "id text, progress text, amount bigint, paid bigint, currency text, livemode boolean, \
                  recurring boolean, out_of_band boolean, at bigint, version bigint, \
                  event_id text, payments_paid bigint, payments_progress text, \
                  payments_amount bigint, payments_currency text, payments_livemode boolean, \
                  payments_at bigint, refunded bigint, payments_lost bigint, \
                  payments_dispute bigint",
    },
    CopiedTable {
        name: "link",
        key: "payment, invoice",
        columns: "payment text, invoice text, evidence bigint, share bigint",
    },
    CopiedTable {
        name: "refund",
        key: "id",
        columns: "id text, payment text, charge text, total boolean, progress text, \
                  amount bigint, released bigint, currency text, livemode boolean, made_at bigint, \
                  at bigint, version bigint, event_id text",
    },
    CopiedTable {
        name: "credit_note",
        key: "id",
        columns: "id text, invoice text, amount bigint, version bigint, event_id text",
    },
    CopiedTable {
        name: "dispute",
        key: "id",
        columns: "id text, payment text, state text, amount bigint, currency text, \
                  livemode boolean, version bigint, event_id text",
    },
    CopiedTable {
        name: "payout",
        key: "id",
        columns: "id text, amount bigint, currency text, livemode boolean, automatic boolean, \
                  method text, status text, created bigint, arrives bigint, line text, \
                  return_line text, failure text, original text, reversed_by text, \
                  version bigint, event_id text, reconciliation bigint, read_at bigint, \
                  lines bigint, unreadable text",
    },
    CopiedTable {
        name: "balance_line",
        key: "id",
        columns: "id text, type text, category text, part text, balance text, currency text, \
                  amount bigint, fee bigint, fee_tax bigint, net bigint, source text, \
                  source_object text, payment text, source_amount bigint, source_currency text, \
                  created bigint, available_on bigint, livemode boolean",
    },
    CopiedTable {
        name: "payout_line",
        key: "payout, line",
        columns: "payout text, line text, seen_at bigint",
    },
    CopiedTable {
        name: "balance_reading",
        key: "livemode, currency, at",
        columns: "livemode boolean, currency text, at bigint, available bigint, pending bigint",
    },
    CopiedTable {
        name: "alert",
        key: "key",
        columns: "key text, body jsonb, cause text, open boolean, count bigint, since bigint, \
                  changed_at bigint, times bigint, first_at bigint, cool_down bigint, \
                  acknowledged_at bigint, acknowledged_by text, silenced_until bigint, \
                  silenced_by text",
    },
    CopiedTable {
        name: "notification",
        key: "key, channel",
        columns: "channel text, key text, open boolean, cause text, notified_at bigint, due_at bigint, \
                  attempts integer, lease bigint",
    },
    CopiedTable {
        name: "channel",
        key: "name",
        columns: "name text, taken_at bigint, failed_at bigint, failure jsonb",
    },
    CopiedTable { name: "confirmation", key: "id", columns: "id text, at bigint" },
    CopiedTable {
        name: "job",
        key: "name",
        columns: "name text, leased_at bigint, due_at bigint, lease bigint, state text",
    },
    CopiedTable { name: "reads", key: "day", columns: "day bigint, count bigint" },
    CopiedTable {
        name: "report",
        key: "number",
        columns: "number bigint, made_at bigint, body text",
    },
    CopiedTable {
        name: "action",
        key: "seq",
        columns: "seq bigint, at bigint, who text, via text, verb text, scope text, \
                  finished_at bigint, count bigint, result text",
    },
];

impl CopiedTable {
    /// Returns the names of the columns, each with its type.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.columns.split(", ").filter_map(|it| it.split_once(' '))
    }

    /// Returns the place of the column that holds JSON, which stores may write in different ways.
    #[must_use]
    pub fn json(&self) -> Option<usize> {
        self.columns().position(|(_, kind)| kind == "jsonb")
    }
}
