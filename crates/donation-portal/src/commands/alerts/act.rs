//! `donation-portal alerts acknowledge`, `alerts silence` and `alerts unsilence`

use jiff::SignedDuration;
use portal_domain::alert::STORE_UNAVAILABLE;
use portal_domain::ports::{NewSilence, SilenceRefusal};
use portal_domain::{
    Acknowledgement, ActionScope, ActionVerb, AlertKey, Clock as _, Store, StoreError, Written,
    text,
};
use portal_service::period::{in_zone, length_seconds};
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::commands::actions::{on_trail, who};
use crate::commands::finish;
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `alerts acknowledge` and `alerts unsilence`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Key of the alert, as `alerts list` has it
    #[arg(value_parser = alert_key)]
    key: AlertKey,
}

/// Arguments of `alerts silence`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal alerts silence stripe_unreadable:events --for 4h")]
pub(crate) struct SilenceArgs {
    #[command(flatten)]
    alert: Args,

    /// Length of the silence from now on: `30m`, `4h`, `7d`
    #[arg(long = "for", value_name = "TIME", value_parser = length_seconds)]
    seconds: i64,
}

pub(super) fn acknowledge(args: &Args) -> Result<Exit, Failure> {
    let seen = Acknowledgement { at: SystemClock::new().now(), by: who()? };
    let write = async |store: &dyn Store| store.acknowledge(&args.key, &seen).await;
    act(args, ActionVerb::Acknowledge, write, ["acknowledged", "is not open"])
}

pub(super) fn unsilence(args: &Args) -> Result<Exit, Failure> {
    let write = async |store: &dyn Store| store.unsilence(&args.key).await;
    act(args, ActionVerb::Unsilence, write, ["is no longer silent", "is not silenced"])
}

pub(super) fn silence(args: &SilenceArgs) -> Result<Exit, Failure> {
    let (SilenceArgs { alert, seconds }, now) = (args, SystemClock::new().now());
    let until = now.after(SignedDuration::from_secs(*seconds));
    let silence = NewSilence::new(alert.key.clone(), until, now).map_err(refused)?;
    let by = who()?;
    let write = async |store: &dyn Store| store.silence(&silence, &by).await;
    let done = format!("silent until {}", in_zone(until, &alert.settings.time_zone()?));
    act(alert, ActionVerb::Silence, write, [&done, "is not in the list"])
}

/// Changes an alert, with an entry in the trail. Says of it the first text, or the second where there
/// was nothing to do.
fn act(
    args: &Args,
    verb: ActionVerb,
    write: impl AsyncFnOnce(&dyn Store) -> Result<Written, StoreError>,
    [done, nothing]: [&str; 2],
) -> Result<Exit, Failure> {
    let (store, key) = (args.settings.home()?.open_existing()?, &args.key);
    let reading = text!("read the alerts", "アラートを読み取れません");
    if finish(reading, store.alert(key))?.is_none() {
        let why = text!("there is none of this key", "このキーのアラートはありません");
        return Err(Failure::found_wrong(text!("alert {key}", "アラート {key}"), why).advise(
            text!(
                "see `donation-portal alerts list`",
                "`donation-portal alerts list` で確認してください"
            ),
        ));
    }
    let scope = ActionScope { alert: Some(key.clone()), ..ActionScope::default() };
    on_trail(&*store, verb, scope, || {
        let writing = text!("change the alert", "アラートを変更できません");
        match finish(writing, write(&*store))? {
            Written::Applied => {
                output::print(format_args!("{key} {done}"))?;
                Ok((Exit::Done, 1))
            }
            Written::Stale => {
                output::note(format_args!("{key} {nothing}: nothing was done"));
                Ok((Exit::FoundWrong, 0))
            }
        }
    })
}

fn refused(why: SilenceRefusal) -> Failure {
    match why {
        SilenceRefusal::NeverSilent => Failure::found_wrong(
            text!("alert {STORE_UNAVAILABLE}", "アラート {STORE_UNAVAILABLE}"),
            text!(
                "that the database takes no writes is never silent",
                "データベースに書き込めないときの通知は止められません"
            ),
        ),
        SilenceRefusal::TooLong | SilenceRefusal::Past => Failure::misuse(
            "--for",
            text!("it must be more than 0 and at most 7d", "0 より長く 7d 以内にしてください"),
        ),
    }
}

fn alert_key(key: &str) -> Result<AlertKey, &'static str> {
    AlertKey::new(key).ok_or("a key has letters, digits, _, -, . and :, such as event_dead")
}
