//! The imported tables and their statements.

/// An imported table.
#[derive(Debug)]
pub struct ImportTable {
    /// The name of the table.
    pub name: &'static str,
    /// The columns of its unique key, by which rows are ordered.
    pub key: &'static str,
    /// All columns, each with its type.
    pub columns: &'static str,
}

/// The tables in the order of import.
pub const TABLES: [ImportTable; 17] = [
    ImportTable {
        name: "event",
        key: "seq",
        columns: "seq bigint, id text, payload text, type text, created bigint, livemode boolean, \
                  api_version text, account text, object_id text, payment text, \
                  invoice text, snapshot_event text, facts text, state text, reason text, \
                  origin text, fetched_at bigint, \
                  received_at bigint",
    },
    ImportTable {
        name: "fetch_queue",
        key: "seq",
        columns: "seq bigint, due_at bigint, attempts integer",
    },
    ImportTable {
        name: "delivery_hour",
        key: "hour",
        columns: "hour bigint, events bigint, first_at bigint, last_at bigint, gap bigint, \
                  gap_before bigint, own_money_at bigint, connected bigint, connected_at bigint, \
                  connected_account text",
    },
    ImportTable {
        name: "rolled_up",
        key: "only_row",
        columns: "only_row boolean, seq bigint, received_at bigint",
    },
    ImportTable {
        name: "payment",
        key: "id",
        columns: "id text, progress text, amount bigint, currency text, livemode boolean, \
                  at bigint, version bigint, event_id text, no_invoice bigint, link bigint, \
                  invoice text, refunded bigint, lost bigint, lost_in text, dispute bigint",
    },
    ImportTable {
        name: "invoice",
        key: "id",
        columns: "id text, progress text, amount bigint, paid bigint, currency text, livemode boolean, \
                  recurring boolean, out_of_band boolean, at bigint, version bigint, \
                  event_id text, payments_paid bigint, payments_progress text, \
                  payments_amount bigint, payments_currency text, payments_livemode boolean, \
                  payments_at bigint, refunded bigint, payments_lost bigint, \
                  payments_dispute bigint",
    },
    ImportTable {
        name: "link",
        key: "payment, invoice",
        columns: "payment text, invoice text, evidence bigint, share bigint",
    },
    ImportTable {
        name: "refund",
        key: "id",
        columns: "id text, payment text, charge text, total boolean, progress text, \
                  amount bigint, released bigint, currency text, livemode boolean, made_at bigint, \
                  at bigint, version bigint, event_id text",
    },
    ImportTable {
        name: "credit_note",
        key: "id",
        columns: "id text, invoice text, amount bigint, version bigint, event_id text",
    },
    ImportTable {
        name: "dispute",
        key: "id",
        columns: "id text, payment text, state text, amount bigint, currency text, \
                  livemode boolean, version bigint, event_id text",
    },
    ImportTable {
        name: "alert",
        key: "key",
        columns: "key text, body jsonb, cause text, open boolean, count bigint, since bigint, \
                  changed_at bigint, times bigint, first_at bigint, cool_down bigint",
    },
    ImportTable {
        name: "notification",
        key: "key, channel",
        columns: "channel text, key text, open boolean, cause text, notified_at bigint, due_at bigint, \
                  attempts integer, lease bigint",
    },
    ImportTable {
        name: "channel",
        key: "name",
        columns: "name text, taken_at bigint, failed_at bigint, failure jsonb",
    },
    ImportTable { name: "confirmation", key: "id", columns: "id text, at bigint" },
    ImportTable {
        name: "job",
        key: "name",
        columns: "name text, due_at bigint, lease bigint, state text",
    },
    ImportTable { name: "reads", key: "day", columns: "day bigint, count bigint" },
    ImportTable {
        name: "report",
        key: "number",
        columns: "number bigint, made_at bigint, body text",
    },
];

impl ImportTable {
    /// Returns the names of the columns, each with its type.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.columns.split(", ").filter_map(|it| it.split_once(' '))
    }

    /// Returns the statement that inserts rows, with an array parameter for each column.
    pub(super) fn insert(&self) -> String {
        let list = |each: &dyn Fn(usize, (&str, &str)) -> String| {
            let columns = self.columns().enumerate();
            columns.map(|(place, it)| each(place + 1, it)).collect::<Vec<_>>().join(", ")
        };
        let names = list(&|_, (name, _)| name.to_owned());
        let values = list(&|place, (_, kind)| format!("c{place}::{kind}"));
        let given = list(&|place, _| format!("${place}::text[]"));
        let given_as = list(&|place, _| format!("c{place}"));
        let table = self.name;
        format!(
            "insert into {table} ({names}) select {values} from unnest({given}) as it ({given_as})"
        )
    }

    /// Returns the query for all rows in the order of their keys, each value as text, booleans as 0
    /// and 1.
    pub(super) fn select(&self) -> String {
        let read = |(name, kind)| match kind {
            "boolean" => format!("{name}::integer::text"),
            _ => format!("{name}::text"),
        };
        let columns = self.columns().map(read).collect::<Vec<_>>().join(", ");
        format!("select {columns} from {} as it order by {}", self.name, self.key(""))
    }

    /// Returns the columns of the key, each followed by `what`. They are qualified by the table,
    /// because the selected columns of the same names are texts.
    pub(super) fn key(&self, what: &str) -> String {
        let columns = self.key.split(", ").map(|it| format!("it.{it}{what}"));
        columns.collect::<Vec<_>>().join(", ")
    }
}
