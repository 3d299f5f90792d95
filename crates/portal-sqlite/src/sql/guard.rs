//! The condition under which what follows from an event is written.
//!
//! A batch that is sent as a whole has no branches. So what follows from an event is written before
//! the event itself, as long as that is not there yet; where the program sees what each statement
//! came to, it is written after it, and always.

use portal_domain::{EventId, State};

use super::Statement;
use super::statement::values;

/// When something is written.
#[derive(Clone, Copy)]
pub(crate) enum Guard<'v> {
    /// In any case.
    Always,
    /// Where no event has that id.
    IsNew(&'v EventId),
    /// Where the event of that id is in that state.
    IsIn(&'v EventId, State),
}

/// The text of a statement around a guard's condition, made once for each guard.
macro_rules! guarded {
    ($guard:expr, $before:expr, $after:expr) => {
        match $guard {
            $crate::sql::guard::Guard::Always => concat!($before, "true", $after),
            $crate::sql::guard::Guard::IsNew(_) => {
                concat!($before, "not exists (select 1 from event where id = ?)", $after)
            }
            $crate::sql::guard::Guard::IsIn(..) => concat!(
                $before,
                "exists (select 1 from event where id = ? and state = ? and reason is ?)",
                $after
            ),
        }
    };
}
pub(crate) use guarded;

impl<'v> Guard<'v> {
    /// A statement around the guard's condition, whose values are the last ones.
    pub(crate) fn bind(self, mut statement: Statement<'v>) -> Statement<'v> {
        match self {
            Self::Always => {}
            Self::IsNew(id) => statement.values.push(id.as_str().into()),
            Self::IsIn(id, state) => {
                statement.values.extend(values![id.as_str(), state.name(), state.reason()]);
            }
        }
        statement
    }

    /// The condition by itself.
    pub(crate) fn condition(self) -> Statement<'v> {
        self.bind(Statement::plain(guarded!(self, "", "")))
    }
}
