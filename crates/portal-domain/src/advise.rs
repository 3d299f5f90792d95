//! Errors that people read.

use crate::text::Text;

/// An error with what to do about it, in each language.
pub trait Advise: std::error::Error {
    /// Returns the thing and what is wrong with it; `Display` has the English.
    fn text(&self) -> Text;

    /// Returns the next step for the reader, if the error alone determines one.
    fn advice(&self) -> Option<Text>;
}

impl<E: Advise> From<&E> for Text {
    fn from(error: &E) -> Self {
        error.text()
    }
}
