//! `donation-portal dev`: try the service without any preparation.

mod month;

use std::sync::Arc;

use portal_domain::Clock as _;
use portal_domain::secret::SECRET_PREFIX;
use portal_domain::{EventFilter, Secret, Secrets, Store, Text, text};
use portal_service::settings::{STRIPE_WEBHOOK_SECRET, ServiceConfig, Settings as _};

use super::other_events::{OtherEvents, other_events};
use super::{finish, reading_inbox};
use crate::clock::SystemClock;
use crate::config::{Given, LogFormat, Service, introduce};
use crate::database::{DatabaseUrl, Schema};
use crate::exit::{Exit, Failure};
use crate::samples::SampleRun;
use crate::sender::Sender;
use crate::serve::{self, OperatorListener, Server};
use crate::{chance, output, samples};

/// Arguments of `dev`: those of `serve`. It accepts the generated secret besides those given.
#[derive(clap::Args)]
#[command(
    mut_arg("LOG_FORMAT", |it| it.default_value("pretty")),
    after_help = "Example, with events from the Stripe CLI:\n  STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) donation-portal dev\n  stripe listen --forward-to http://127.0.0.1:8787/api/webhooks/stripe"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Service>,

    /// Use the database even if it may be in production: with other events than samples
    #[arg(long)]
    even_if_production: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let settings = &args.settings;
    let generated = format!("{SECRET_PREFIX}dev_{}", chance::hex(16)?);
    let secret = Secret::new(&generated).map_err(Failure::setting("STRIPE_WEBHOOK_SECRET"))?;
    let parse = |more: &str| Secrets::parse(&format!("{generated},{more}"));
    let secrets = match settings.optional(STRIPE_WEBHOOK_SECRET, parse)? {
        Some(secrets) => secrets,
        None => Secrets::new(&generated).map_err(Failure::setting("STRIPE_WEBHOOK_SECRET"))?,
    };
    let mut config = ServiceConfig::read(settings, secrets)?;
    let (home, address) = (settings.home()?, settings.listen_addr()?);
    let schema = settings.schema(Schema::Created)?;
    introduce(&mut config.context, &home);
    let (format, filter) = (settings.log_format(LogFormat::Pretty)?, settings.log_filter()?);
    let log = serve::start_log(format, filter, settings.time_zone()?)?;
    let idle_timeout = settings.idle_timeout()?;
    let store = home.open(schema)?;
    let with_samples = args.even_if_production || may_have_samples(&home, &*store)?;
    let run = SampleRun::new()?;
    let operators = super::serve::console(settings, &config, &home)?;
    let console = operators.as_ref().map(OperatorListener::url);
    let server = Server::bind(address, Arc::clone(&store), config, idle_timeout)?
        .explain_refusals()
        .with_console(operators, &log);
    let server = super::serve::traced(server, settings)?;
    let address = server.address()?;
    if with_samples && finish(reading_inbox(), store.events(&EventFilter::latest(1)))?.is_empty() {
        let donations = month::record_month(&*store, &run, &secret, SystemClock::new().now())?;
        output::note(format_args!(
            "{home} was empty: it has {donations} sample donations of a month"
        ));
    }
    // Connections queue from here on and are answered once the server runs.
    let shown = std::thread::spawn(move || {
        let url = format!("http://{address}/api/webhooks/stripe");
        if with_samples {
            show(&url, &secret, &run)?;
        }
        say_what_next(&url, console.as_deref())
    });
    let done = server.run();
    log.flush();
    match shown.join() {
        Ok(shown) => done.and(shown).map(|()| Exit::Done),
        Err(_) => {
            let what = text!("send the sample donations", "サンプルの寄付を送信できません");
            let why = text!("a thread has panicked", "スレッドが異常終了しました");
            let advice = text!("see the lines above", "上の行を確認してください");
            Err(Failure::could_not(what, why).advise(advice))
        }
    }
}

/// Refuses a database that may be in production. Beside events in test mode, such as those of the
/// Stripe CLI, the service runs, but sends no samples.
fn may_have_samples(home: &DatabaseUrl, store: &dyn Store) -> Result<bool, Failure> {
    match other_events(store)? {
        OtherEvents::None => Ok(true),
        OtherEvents::Test => {
            output::note(format_args!(
                "{home} has other events than samples: no samples are sent (--even-if-production sends them)"
            ));
            Ok(false)
        }
        OtherEvents::Live => {
            let why = text!(
                "{home} has live events, and may be in production",
                "{home} には本番環境のイベントがあり、運用中の可能性があります"
            );
            Err(Failure::misuse("DATABASE_URL", why).advise(text!(
                "set it to another database; if it may have samples, add --even-if-production",
                "別のデータベースを指定してください。サンプルを入れてよければ --even-if-production を付けてください"
            )))
        }
    }
}

/// Sends sample donations, one of their events twice and one with a wrong signature, and prints the
/// answers.
fn show(url: &str, secret: &Secret, run: &SampleRun) -> Result<(), Failure> {
    let sender = Sender::new(url);
    let stranger =
        Secret::new("whsec_somebody_else").map_err(Failure::setting("the wrong secret"))?;
    let now = SystemClock::new().now();
    let mut table = output::table(&["delivery", "event", "answer", "body"]);
    for (what, sample, number, payment, secret) in [
        ("a one-time donation", samples::PAYMENT, 0, 0, secret),
        ("its Checkout session", samples::SESSION, 1, 0, secret),
        ("a recurring donation", samples::INVOICE, 2, 1, secret),
        ("the first one again", samples::PAYMENT, 0, 0, secret),
        ("with a wrong signature", samples::PAYMENT, 3, 2, &stranger),
    ] {
        let answer = sender
            .post(secret, now, run.body(sample, number, payment, now).as_bytes())
            .map_err(|error| {
                let what = text!("reach {url}", "{url} に接続できません");
                Failure::could_not(what, Text::same(error))
            })?;
        let event = format!("{} {}", sample.name, run.event_id(number));
        table.add_row([what, &event, &answer.status.to_string(), &answer.body]);
    }
    output::print(table)
}

fn say_what_next(url: &str, console: Option<&str>) -> Result<(), Failure> {
    if let Some(console) = console {
        output::print(format_args!("\nThe console:             {console}"))?;
    }
    output::print(format_args!(
        "\nServing at {url} until Ctrl-C.\n\
         List the events:         donation-portal events list\n\
         List the donations:      donation-portal donations list\n\
         Use the Stripe CLI:      STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) donation-portal dev\n\
         \x20                        stripe listen --forward-to {url}\n"
    ))
}
