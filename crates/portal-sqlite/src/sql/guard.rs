//! The condition under which the consequences of an event are written.
//!
//! A batch that is sent as a whole has no branches. So the consequences of an event are written
//! before the event itself, on the condition that it is not recorded yet. A program that sees the
//! result of each statement writes them after it, without a condition.

use portal_domain::{EventId, State};

use super::statement::{Statement, values};

/// The condition of a write.
#[derive(Clone, Copy)]
pub(crate) enum Guard<'v> {
    /// No condition.
    Always,
    /// No event has that id.
    IsNew(&'v EventId),
    /// The event of that id is in that state.
    IsIn(&'v EventId, State),
}

/// Builds the text of a statement around a guard's condition, once for each kind of guard.
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
    /// Returns the statement with the guard's values as its last ones.
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

    /// Returns the condition by itself.
    pub(crate) fn condition(self) -> Statement<'v> {
        self.bind(Statement::plain(guarded!(self, "", "")))
    }
}
