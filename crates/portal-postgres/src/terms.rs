//! Statements built of conditions, each with its parameter.

use crate::value::Value;

/// A statement under construction, with the values of its parameters.
pub(crate) struct Terms {
    pub(crate) sql: String,
    values: Vec<Box<dyn Value>>,
}

impl Terms {
    /// Begins a statement with `sql`, which has no parameters.
    pub(crate) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// Adds `value` and returns the name of its parameter.
    pub(crate) fn bind(&mut self, value: impl Value + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    /// Adds `term`, in which `?` stands for the value; without a value it adds nothing.
    pub(crate) fn add<T: Value + 'static>(&mut self, term: &str, value: Option<T>) {
        if let Some(value) = value {
            let name = self.bind(value);
            self.sql.push_str(&term.replace('?', &name));
        }
    }

    /// Returns the values of the parameters.
    pub(crate) fn values(&self) -> Vec<&dyn Value> {
        self.values.iter().map(|it| &**it).collect()
    }
}
