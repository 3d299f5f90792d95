//! The queries of the rules and of the dashboard.

use std::fs;

use serde_json::Value;
use xtask::run::Failure;

use crate::{DASHBOARD, RULES};

/// The values that Grafana puts in the place of its variables.
const VARIABLES: [(&str, &str); 2] = [("$__rate_interval", "1m"), ("$job", "donation-portal")];

/// Returns those of both.
pub(crate) fn all() -> Result<Vec<String>, Failure> {
    Ok([of_rules()?, of_dashboard()?].concat())
}

/// Returns those of the rules: each stands below `expr`, indented deeper.
pub(crate) fn of_rules() -> Result<Vec<String>, Failure> {
    let (text, mut queries) = (fs::read_to_string(RULES)?, Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim_start() != "expr: |-" {
            continue;
        }
        let (depth, mut query) = (indent(line), String::new());
        while let Some(line) = lines.next_if(|it| indent(it) > depth) {
            query.push_str(line.trim_start());
            query.push('\n');
        }
        queries.push(query);
    }
    if queries.is_empty() { Err(format!("{RULES}: no query").into()) } else { Ok(queries) }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns those of the dashboard, wherever one stands in it.
pub(crate) fn of_dashboard() -> Result<Vec<String>, Failure> {
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD)?)?;
    let mut queries = Vec::new();
    collect(&dashboard, &mut queries);
    if queries.is_empty() { Err(format!("{DASHBOARD}: no query").into()) } else { Ok(queries) }
}

fn collect(value: &Value, queries: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(query)) = fields.get("expr") {
                let filled =
                    VARIABLES.iter().fold(query.clone(), |it, (name, by)| it.replace(name, by));
                queries.push(filled);
            }
            fields.values().for_each(|it| collect(it, queries));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, queries)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
