//! A statement together with its values.

use std::borrow::Cow;

/// A statement and the values of its parameters, in their order.
///
/// Parameters that are used twice are numbered; those that follow are plain `?`, which SQLite
/// numbers from the greatest one on.
#[derive(Clone)]
pub struct Statement<'v> {
    pub sql: Cow<'static, str>,
    pub values: Vec<SqlValue<'v>>,
    /// If this query returns no row, the statement changes nothing. A caller that sees the results
    /// of statements runs it first to save work; one that sends a batch leaves it out.
    pub only_if: Option<Box<Self>>,
}

/// A value of SQLite. Booleans are 0 and 1.
#[derive(Clone)]
pub enum SqlValue<'v> {
    Null,
    Integer(i64),
    Text(Cow<'v, str>),
}

impl<'v> Statement<'v> {
    /// Returns `sql` without parameters.
    pub(crate) const fn plain(sql: &'static str) -> Self {
        Self { sql: Cow::Borrowed(sql), values: Vec::new(), only_if: None }
    }

    /// Returns `sql` with `values`.
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, values: Vec<SqlValue<'v>>) -> Self {
        Self { sql: sql.into(), values, only_if: None }
    }

    /// Appends `text`.
    pub(crate) fn push(&mut self, text: &str) {
        self.sql.to_mut().push_str(text);
    }

    /// Appends `term`, in which `?` stands for the value, if there is a value.
    pub(crate) fn add(&mut self, term: &str, value: Option<impl Into<SqlValue<'v>>>) {
        if let Some(value) = value {
            self.push(term);
            self.values.push(value.into());
        }
    }

    /// Appends the text and the values of another statement.
    pub(crate) fn append(&mut self, other: &Self) {
        self.push(&other.sql);
        self.values.extend(other.values.iter().cloned());
    }
}

impl From<i64> for SqlValue<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for SqlValue<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for SqlValue<'_> {
    fn from(truth: bool) -> Self {
        Self::Integer(truth.into())
    }
}

impl<'v> From<&'v str> for SqlValue<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for SqlValue<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'v, T: Into<Self>> From<Option<T>> for SqlValue<'v>
where
    Self: 'v,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Makes the values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::sql::SqlValue::from($value)),*]
    };
}
pub(crate) use values;
