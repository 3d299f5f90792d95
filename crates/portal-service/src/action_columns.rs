//! The columns of the trail in CSV, one contract for the command line and the console.
//!
//! Cells need no quotes: they are ids, words, numbers and times.

use portal_domain::{ActionRow, ActionScope, UnixSeconds};

/// The CSV header of the trail, which is a contract. Times are Unix seconds.
pub const ACTION_HEADS: [&str; 9] =
    ["number", "at", "who", "via", "verb", "scope", "count", "result", "finished_at"];

/// Returns the cells of an entry below [`ACTION_HEADS`]; `time` formats times.
#[must_use]
pub fn action_cells(row: &ActionRow, time: impl Fn(UnixSeconds) -> String) -> Vec<String> {
    let outcome = row.outcome;
    vec![
        row.seq.to_string(),
        time(row.at),
        row.action.who.to_string(),
        row.action.via.name().to_owned(),
        row.action.verb.name().to_owned(),
        in_words(&row.action.scope),
        outcome.map(|it| it.count.to_string()).unwrap_or_default(),
        outcome.map(|it| it.result.name()).unwrap_or_default().to_owned(),
        outcome.map(|it| time(it.at)).unwrap_or_default(),
    ]
}

/// Returns the scope as `evt_1 evt_2 state=dead since=1763737200`; times are Unix seconds.
fn in_words(scope: &ActionScope) -> String {
    let mut words: Vec<_> = scope.ids.iter().map(ToString::to_string).collect();
    let mut say = |name: &str, value: Option<String>| {
        words.extend(value.map(|it| format!("{name}={it}")));
    };
    say("alert", scope.alert.as_ref().map(ToString::to_string));
    say("object", scope.object.as_ref().map(ToString::to_string));
    say("type", scope.event_type.as_ref().map(ToString::to_string));
    say("state", scope.state.as_ref().map(ToString::to_string));
    say("reason", scope.reason.as_ref().map(ToString::to_string));
    say("origin", scope.origin.map(|it| it.name().to_owned()));
    say("livemode", scope.livemode.map(|it| it.to_string()));
    say("acknowledged", scope.acknowledged.map(|it| it.to_string()));
    say("since", scope.since.map(|it| it.get().to_string()));
    say("until", scope.until.map(|it| it.get().to_string()));
    say("from", scope.from.as_ref().map(ToString::to_string));
    words.join(" ")
}
