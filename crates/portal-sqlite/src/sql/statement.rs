//! A statement together with its values.

use std::borrow::Cow;

/// A statement and the values of its parameters, in their order.
///
/// Parameters that are used twice have a number; those that follow are plain `?`, which SQLite
/// numbers from the greatest one on.
#[derive(Clone)]
pub struct Statement<'v> {
    /// The text.
    pub sql: Cow<'static, str>,
    /// The values.
    pub values: Vec<SqlValue<'v>>,
    /// Without a row of this one the statement changes nothing. Whoever sees what statements return
    /// asks it before, where that costs less; whoever sends them together leaves it out.
    pub only_if: Option<Box<Self>>,
}

/// A value as SQLite knows them. Truths are 0 and 1.
#[derive(Clone)]
pub enum SqlValue<'v> {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(Cow<'v, str>),
}

impl<'v> Statement<'v> {
    /// `sql` without parameters.
    pub(crate) const fn plain(sql: &'static str) -> Self {
        Self { sql: Cow::Borrowed(sql), values: Vec::new(), only_if: None }
    }

    /// `sql` with `values`.
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, values: Vec<SqlValue<'v>>) -> Self {
        Self { sql: sql.into(), values, only_if: None }
    }

    /// Adds `text`.
    pub(crate) fn push(&mut self, text: &str) {
        self.sql.to_mut().push_str(text);
    }

    /// Adds `term`, in which `?` stands for the value, where there is one.
    pub(crate) fn add(&mut self, term: &str, value: Option<impl Into<SqlValue<'v>>>) {
        if let Some(value) = value {
            self.push(term);
            self.values.push(value.into());
        }
    }

    /// Adds another one's text and values.
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

/// The values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::sql::SqlValue::from($value)),*]
    };
}
pub(crate) use values;
