//! `donation-portal actions`, and the entries that commands make.

mod list;

use clap::Subcommand;
use portal_domain::{
    ActionOutcome, ActionResult, ActionScope, ActionVerb, ActionVia, Actor, Clock as _, NewAction,
    Store, Text, text,
};

use crate::clock::SystemClock;
use crate::commands::finish;
use crate::exit::{Exit, Failure};
use crate::output;

/// List what operators did
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the actions of operators, by the console, its API and the command line, the last first
    List(list::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args),
    }
}

/// The name of the command line in the trail. It does not ask who types.
const WHO: &str = "cli";

/// The exit code of an action, and the number of what it changed or looked at.
pub(super) type Acted = Result<(Exit, u64), Failure>;

/// Does what `act` does between two writes of the trail: that it begins, and what came of it.
pub(super) fn on_trail(
    store: &dyn Store,
    verb: ActionVerb,
    scope: ActionScope,
    act: impl FnOnce() -> Acted,
) -> Result<Exit, Failure> {
    let clock = SystemClock::new();
    let action = NewAction { who: who()?, via: ActionVia::Cli, verb, scope };
    let seq = finish(writing_trail(), store.begin_action(&action, clock.now()))?;
    let acted = act();
    let (result, count) = match &acted {
        Ok((Exit::FoundWrong, count)) => (ActionResult::FoundWrong, *count),
        Ok((_, count)) => (ActionResult::Done, *count),
        Err(_) => (ActionResult::Failed, 0),
    };
    let outcome = ActionOutcome { at: clock.now(), count, result };
    // The action is done, whether or not this can be written.
    if let Err(failure) = finish(writing_trail(), store.finish_action(seq, &outcome)) {
        output::note(failure.text().en);
    }
    acted.map(|(exit, _)| exit)
}

/// Returns the name of the command line in the trail.
pub(super) fn who() -> Result<Actor, Failure> {
    Actor::new(WHO).ok_or_else(|| {
        let why = text!("it has no name", "名前がありません");
        Failure::could_not(text!("act", "操作できません"), why)
    })
}

fn writing_trail() -> Text {
    text!("write the trail", "操作履歴に書き込めません")
}
