//! `donation-portal actions list`

use clap::builder::PossibleValuesParser;
use portal_domain::{ActionFilter, ActionResult, ActionVerb, Actor, Clock as _, text};
use portal_service::action_columns::{ACTION_HEADS, action_cells};
use portal_service::json::ActionLine;
use portal_service::period::{self, Moment, in_zone};
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::commands::{finish, time_of};
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};

/// Arguments of `actions list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal actions list --verb ignore --since 7d")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Only actions of this token, or `cli` for the command line
    #[arg(long, value_name = "NAME", value_parser = actor)]
    who: Option<Actor>,

    /// Only actions of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(ActionVerb::NAMES))]
    verb: Option<String>,

    /// Only actions with this result
    #[arg(long, value_parser = PossibleValuesParser::new(ActionResult::NAMES))]
    result: Option<String>,

    /// Only actions begun at this time or later: a date, `today`, `yesterday`, an age (`1h`), an RFC 3339 time or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only actions begun before this time
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Maximum number of actions
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let (zone, now) = (args.settings.time_zone()?, SystemClock::new().now());
    let time = |it| time_of(it, &zone, now, "--since or --until");
    let filter = ActionFilter {
        who: args.who,
        verb: args.verb.as_deref().and_then(ActionVerb::from_name),
        result: args.result.as_deref().and_then(ActionResult::from_name),
        since: time(args.since)?,
        until: time(args.until)?,
        after: None,
    };
    let page = ListPage::read(args.limit, |limit| {
        finish(text!("read the trail", "操作履歴を読み取れません"), store.actions(&filter, limit))
    })?;
    let csv = Columns {
        heads: &ACTION_HEADS,
        amounts: &[],
        spare: &[],
        of: &|row| action_cells(row, |at| at.get().to_string()),
    };
    let people = Columns {
        heads: &ACTION_HEADS,
        amounts: &[0, 6],
        spare: &[8, 3, 5, 6],
        of: &|row| action_cells(row, |at| in_zone(at, &zone)),
    };
    output::print_list(args.format, &page.items, ActionLine::of, &csv, &people)?;
    page.note(args.format, "narrow it with --since and --until", "no action is entered");
    Ok(Exit::Done)
}

fn actor(name: &str) -> Result<Actor, &'static str> {
    Actor::new(name).ok_or("give a name of lower-case letters, digits and hyphens, such as cli")
}
