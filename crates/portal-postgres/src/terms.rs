//! Statements that are put together: each term brings its value along.

use crate::value::Value;

/// A statement that grows, and the values of its parameters.
pub(crate) struct Terms {
    pub(crate) sql: String,
    values: Vec<Box<dyn Value>>,
}

impl Terms {
    /// Begins with `sql`, which has no parameters yet.
    pub(crate) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// Adds `value`, and tells by which name the statement has it.
    pub(crate) fn bind(&mut self, value: impl Value + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    /// Adds `term`, in which `?` stands for the value, where there is one.
    pub(crate) fn add<T: Value + 'static>(&mut self, term: &str, value: Option<T>) {
        if let Some(value) = value {
            let name = self.bind(value);
            self.sql.push_str(&term.replace('?', &name));
        }
    }

    /// The values, as a statement takes them.
    pub(crate) fn values(&self) -> Vec<&dyn Value> {
        self.values.iter().map(|it| &**it).collect()
    }
}
