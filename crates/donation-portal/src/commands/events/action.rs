//! `donation-portal events retry`, `events ignore` and `events acknowledge`

use std::collections::BTreeSet;

use clap::ArgGroup;
use portal_domain::{
    Acknowledgement, ActionVerb, Clock as _, EventId, OperatorAction, Selection, Store, StoreError,
    Text, UnixSeconds, text,
};
use portal_service::period::{self, Moment};

use super::{event_id, state, state_name, times};
use crate::clock::SystemClock;
use crate::commands::actions::{Acted, on_trail, who};
use crate::commands::{finish, reading_inbox};
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// Arguments of commands that act on events. An event must match all of them, and at least
/// one is required.
#[derive(clap::Args)]
#[command(
    group = ArgGroup::new("selection").args(["ids", "state", "since", "until"]).required(true).multiple(true)
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Ids of the events (evt_…)
    #[arg(value_name = "ID", value_parser = event_id)]
    ids: Vec<EventId>,

    /// Only events in this state
    #[arg(long, value_parser = state_name())]
    state: Option<String>,

    /// Only events received at this time or later: a date, `today`, `yesterday`, an age (`1h`), an RFC 3339 time or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only events received before this time
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Act on a selection by state or time; without it, only count
    #[arg(long)]
    yes: bool,

    /// Only count the events
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// An operator's action on selected events.
pub(super) trait EventAction {
    const VERB: ActionVerb;
    /// The past participle, for messages.
    const DONE: &'static str;
    /// The events that it can be applied to, for messages.
    const POSSIBLE: &'static str;

    /// Returns the number of selected events that it can be applied to.
    async fn count(store: &dyn Store, which: &Selection) -> Result<u64, StoreError>;

    /// Applies it and prints the result; returns the number of events that it was applied to.
    fn act(&self, store: &dyn Store, which: &Selection, now: UnixSeconds) -> Acted;
}

pub(super) struct Ignore;

pub(super) struct Acknowledge;

impl EventAction for Ignore {
    const VERB: ActionVerb = ActionVerb::Ignore;
    const DONE: &'static str = "ignored";
    const POSSIBLE: &'static str =
        "only events that are awaiting_object or dead and match the selection";

    async fn count(store: &dyn Store, which: &Selection) -> Result<u64, StoreError> {
        store.count_for(OperatorAction::Ignore, which).await
    }

    fn act(&self, store: &dyn Store, which: &Selection, now: UnixSeconds) -> Acted {
        changed::<Self>(finish(changing(), store.ignore(which, now))?)
    }
}

impl EventAction for Acknowledge {
    const VERB: ActionVerb = ActionVerb::Acknowledge;
    const DONE: &'static str = "acknowledged";
    const POSSIBLE: &'static str =
        "only events that are dead, not acknowledged yet and match the selection";

    async fn count(store: &dyn Store, which: &Selection) -> Result<u64, StoreError> {
        match which.to_acknowledge() {
            Some(which) => store.count_events(&which, u32::MAX).await,
            None => Ok(0),
        }
    }

    fn act(&self, store: &dyn Store, which: &Selection, now: UnixSeconds) -> Acted {
        let seen = Acknowledgement { at: now, by: who()? };
        changed::<Self>(finish(changing(), store.acknowledge_events(which, &seen))?)
    }
}

fn changed<A: EventAction>(count: u64) -> Acted {
    output::print(format_args!("{} {}", counted(count, "event"), A::DONE))?;
    Ok((Exit::Done, count))
}

fn changing() -> Text {
    text!("change the inbox", "受信箱を変更できません")
}

pub(super) fn run<A: EventAction>(args: &Args, action: &A) -> Result<Exit, Failure> {
    let now = SystemClock::new().now();
    let which = args.selection(now)?;
    let by_ids_alone = !which.ids.is_empty()
        && which == Selection { ids: which.ids.clone(), ..Selection::default() };
    let acts = args.yes || by_ids_alone && !args.dry_run;
    let home = args.settings.home()?;
    let store = if acts { home.open_existing()? } else { home.open_to_read()? };
    let unfit = unfit::<A>(&*store, &which)?;
    if unfit.is_empty() && finish(reading_inbox(), A::count(&*store, &which))? == 0 {
        output::note(format_args!("nothing matches: {} can be {}", A::POSSIBLE, A::DONE));
    }
    let mut exit = Exit::Done;
    if acts {
        let act = || action.act(&*store, &which, now);
        exit = on_trail(&*store, A::VERB, which.scope(), act)?;
    } else {
        let count = finish(reading_inbox(), A::count(&*store, &which))?;
        let how = if by_ids_alone { "omit --dry-run" } else { "add --yes" };
        output::print(format_args!(
            "{} would be {}; {how} to do it",
            counted(count, "event"),
            A::DONE
        ))?;
    }
    for line in &unfit {
        output::note(line);
    }
    Ok(if unfit.is_empty() { exit } else { Exit::FoundWrong })
}

impl Args {
    fn selection(&self, now: UnixSeconds) -> Result<Selection, Failure> {
        let [since, until] = times(&self.settings, [self.since, self.until], now)?;
        let ids: BTreeSet<EventId> = self.ids.iter().cloned().collect();
        let ids = ids.into_iter().collect();
        let state = state(self.state.as_deref());
        Ok(Selection { ids, state, since, until, ..Selection::default() })
    }
}

/// Returns a line for each given id that the action cannot be applied to, with the reason.
fn unfit<A: EventAction>(store: &dyn Store, which: &Selection) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for id in &which.ids {
        let alone = Selection { ids: vec![id.clone()], ..which.clone() };
        if finish(reading_inbox(), A::count(store, &alone))? > 0 {
            continue;
        }
        lines.push(match finish(reading_inbox(), store.event(id))? {
            None => format!("there is no event {id} in the inbox"),
            Some(event) => {
                let reason = event.state.reason().map(|it| format!(" ({it})")).unwrap_or_default();
                let (done, possible) = (A::DONE, A::POSSIBLE);
                format!(
                    "{id} is {}{reason} and was not changed: {possible} can be {done}",
                    event.state
                )
            }
        });
    }
    Ok(lines)
}
