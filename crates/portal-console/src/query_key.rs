//! A key of an address's query, and the form that its values have.

use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// A key of the query, and the form of its values in every language.
#[derive(Clone, Copy)]
pub(crate) struct QueryKey {
    pub(crate) key: &'static str,
    pub(crate) form: &'static str,
}

impl QueryKey {
    /// Returns the error of a value that the key does not take.
    pub(crate) fn refusal(self) -> PageError {
        PageError::BadQuery { key: self.key, form: self.form }
    }

    /// Returns what `read` makes of the value, if there is one.
    pub(crate) fn value<T>(
        self,
        page: &PageRequest,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, PageError> {
        page.value(self.key).map(|text| read(text).ok_or_else(|| self.refusal())).transpose()
    }
}
