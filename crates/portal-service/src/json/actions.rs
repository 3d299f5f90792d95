//! The trail.

use portal_domain::UnixSeconds;
use portal_domain::ids::Actor;
use portal_domain::trail::{ActionRow, ActionScope, ActionVerb, ActionVia};
use serde::Serialize;

/// The contract of `actions list --format json`. Times are Unix seconds.
#[derive(Serialize)]
pub struct ActionLine<'a> {
    number: u64,
    at: UnixSeconds,
    who: &'a Actor,
    via: ActionVia,
    verb: ActionVerb,
    scope: &'a ActionScope,
    /// `None` while the action goes on, or if it was cut off; so are the next two.
    count: Option<u64>,
    result: Option<&'static str>,
    finished_at: Option<UnixSeconds>,
}

impl<'a> ActionLine<'a> {
    #[must_use]
    pub fn of(row: &'a ActionRow) -> Self {
        Self {
            number: row.seq,
            at: row.at,
            who: &row.action.who,
            via: row.action.via,
            verb: row.action.verb,
            scope: &row.action.scope,
            count: row.outcome.map(|it| it.count),
            result: row.outcome.map(|it| it.result.name()),
            finished_at: row.outcome.map(|it| it.at),
        }
    }
}
