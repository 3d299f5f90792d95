//! The facts of an event's object, a line for each, for the command line and the console.

use jiff::tz::TimeZone;
use portal_domain::{Facts, UnixSeconds};
use serde_json::Value;

use crate::period::in_zone;

/// The facts that are times, beside those that end with `_at`.
const TIMES: [&str; 7] =
    ["created", "due_by", "end", "next_payment_attempt", "period_end", "period_start", "start"];

/// Returns each fact that is set with its path, such as `lines.data.0.amount`. Amounts are in minor units,
/// times in `zone`.
#[must_use]
pub fn facts_by_path(facts: &Facts, zone: &TimeZone) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let json = serde_json::from_str(&facts.to_json());
    debug_assert!(json.is_ok(), "facts are written as JSON");
    add(String::new(), &json.unwrap_or_default(), zone, &mut lines);
    lines
}

fn add(path: String, facts: &Value, zone: &TimeZone, lines: &mut Vec<(String, String)>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match facts {
        Value::Null => {}
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| add(below(name), value, zone, lines));
        }
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(at, value)| add(below(&at.to_string()), value, zone, lines));
        }
        Value::String(text) => lines.push((path, text.clone())),
        Value::Bool(_) | Value::Number(_) => {
            let name = path.rsplit('.').next().unwrap_or_default();
            let is_time = name.ends_with("_at") || TIMES.contains(&name);
            let time = facts.as_i64().filter(|_| is_time).and_then(UnixSeconds::new);
            let value = time.map_or_else(|| facts.to_string(), |it| in_zone(it, zone));
            lines.push((path, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};
    use portal_domain::FactsKind;

    use super::facts_by_path;

    #[test]
    fn each_fact_has_its_path_and_times_are_in_the_zone() {
        let invoice = r#"{
            "id": "in_1", "total": 3000, "created": 1760000000, "paid": true, "charge": null,
            "lines": {"data": [{"amount": 3000, "period": {"start": 1760000060}}]}
        }"#;
        let facts = FactsKind::Invoice.read(invoice).unwrap();
        let lines = facts_by_path(&facts, &TimeZone::fixed(offset(9)));
        let lines: Vec<_> = lines.iter().map(|(path, value)| (&**path, &**value)).collect();
        let expected = [
            ("object", "invoice"),
            ("id", "in_1"),
            ("created", "2025-10-09 17:53:20 +09:00"),
            ("lines.data.0.amount", "3000"),
            ("lines.data.0.period.start", "2025-10-09 17:54:20 +09:00"),
            ("paid", "true"),
            ("total", "3000"),
        ];
        assert_eq!(lines, expected);
    }
}
