//! `donation-portal alerts test`

use portal_domain::Clock as _;
use portal_domain::{Alert, Notification, Notify, NotifyError, text};
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::commands::wait_for;
use crate::config::{Alerting, Given, channels, machine_name};
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `alerts test`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal alerts test")]
pub(crate) struct Args {
    #[command(flatten)]
    alerting: Given<Alerting>,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut context = args.alerting.message_context()?;
    context.host = machine_name();
    let channels = channels(args.alerting.addresses()?, &context);
    if channels.is_empty() {
        let names = "SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY";
        return Err(Failure::misuse(names, text!("none is set", "どれも設定されていません"))
            .advise(text!("set one of them", "いずれかを設定してください")));
    }
    let mut exit = Exit::Done;
    for channel in channels {
        let result = match notify(&*channel)? {
            Ok(()) => "notified".to_owned(),
            Err(why) => {
                exit = Exit::FoundWrong;
                format!("failed: {why}")
            }
        };
        output::print(format_args!("{}: {result}", channel.channel()))?;
    }
    Ok(exit)
}

fn notify(channel: &dyn Notify) -> Result<Result<(), NotifyError>, Failure> {
    let now = SystemClock::new().now();
    let notification = Notification::first(Alert::test(now), now);
    wait_for(channel.notify(&notification))
}
