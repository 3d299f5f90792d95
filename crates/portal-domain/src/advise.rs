//! Errors that people read.

use std::fmt::{self, Display};

/// An error whose `Display` names the thing and what is wrong with it.
pub trait Advise: std::error::Error {
    /// Returns the next step for the reader, if the error alone determines one.
    fn advice(&self) -> Option<&'static str>;

    /// Formats the error and then its advice.
    fn advised(&self) -> impl Display
    where
        Self: Sized,
    {
        fmt::from_fn(move |f| match self.advice() {
            Some(advice) => write!(f, "{self}; {advice}"),
            None => Display::fmt(self, f),
        })
    }
}
