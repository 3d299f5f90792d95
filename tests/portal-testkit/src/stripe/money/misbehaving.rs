//! Lines that Stripe lists wrongly, or that a test supplies whole.

use serde_json::Value;

use crate::stripe::account::Account;
use crate::stripe::balance::{Line, LineKind, Listing, PAYMENTS};

/// The kind of a line that shows its own.
const BROUGHT: LineKind = LineKind { name: "", category: "", part: None, balance: PAYMENTS };

impl Account {
    /// Lists that line nowhere.
    pub fn lose_line(&mut self, line: &str) {
        self.line_of(line).listing = Listing::Lost;
    }

    /// Lists that line twice in a row; if it is the last one of its page, the next page begins with
    /// it.
    pub fn repeat_line(&mut self, line: &str) {
        self.line_of(line).listing = Listing::Twice;
    }

    /// Lists that line with these fields instead of its own, such as an amount that is no integer, or
    /// a type that is new.
    pub fn alter_line(&mut self, line: &str, fields: Value) {
        self.line_of(line).listing = Listing::With(fields);
    }

    /// Keeps that line out of every payout that is told of from now on.
    pub fn keep_back(&mut self, line: &str) {
        self.line_of(line).kept_back = true;
    }

    /// Shows `whole`, a line with its source expanded, unchanged from the second of its creation on,
    /// in the list of that payout. It is part of no statement; the second one of an id is a
    /// repetition.
    pub fn show_line(&mut self, whole: Value, payout: Option<&str>) {
        let text = |field: &str| whole.get(field).and_then(Value::as_str).unwrap_or_default();
        let number = |field: &str| whole.get(field).and_then(Value::as_i64).unwrap_or_default();
        let id = text("id").to_owned();
        if self.balance.lines.get(&id).is_some() {
            return self.repeat_line(&id);
        }
        let currencies = self.balance.currencies.iter().copied();
        let currency = currencies.clone().find(|it| *it == text("currency"));
        let currency = currency.unwrap_or_else(|| self.balance.first());
        let in_payments = !matches!(text("balance_type"), "risk_reserved" | "issuing");
        let balance = if in_payments { PAYMENTS } else { "risk_reserved" };
        let line = Line {
            id,
            amount: number("net"),
            available_on: number("available_on"),
            payout: payout.map(str::to_owned),
            ..Line::new(LineKind { balance, ..BROUGHT }, number("created"), currency)
        };
        self.book(Line { whole: Some(whole), ..line });
    }
}
