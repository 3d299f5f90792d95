//! `donation-portal dev`: try the service without any preparation.

use std::net::SocketAddr;

use portal_domain::Clock as _;
use portal_domain::secret::SECRET_PREFIX;
use portal_domain::{Secret, Secrets};
use portal_service::settings::{STRIPE_WEBHOOK_SECRET, ServiceConfig, Settings as _};

use crate::clock::SystemClock;
use crate::config::{Given, LogFormat, Service};
use crate::database::Schema;
use crate::exit::{Exit, Failure};
use crate::samples::{SAMPLES, Sample};
use crate::sender::Sender;
use crate::serve::{self, Server};
use crate::{chance, output};

/// The sample donations: a one-time payment, a recurring one, and a Checkout session.
const DONATIONS: [&str; 3] =
    ["payment_intent.succeeded", "invoice.paid", "checkout.session.completed"];

/// Arguments of `dev`: those of `serve`. It accepts the generated secret besides those given.
#[derive(clap::Args)]
#[command(
    mut_arg("LOG_FORMAT", |it| it.default_value("pretty")),
    after_help = "Example, with events from the Stripe CLI:\n  STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) donation-portal dev\n  stripe listen --forward-to http://127.0.0.1:8787/api/webhooks/stripe"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Service>,
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
    let config = ServiceConfig::read(settings, secrets)?;
    let (home, address) = (settings.home()?, settings.listen_addr()?);
    let schema = settings.schema(Schema::Created)?;
    let log = serve::start_log(settings.log_format(LogFormat::Pretty)?, settings.log_filter()?)?;
    let idle_timeout = settings.idle_timeout()?;
    let store = home.open(schema)?;
    let server = Server::bind(address, store, config, idle_timeout)?;
    let address = server.address()?;
    // Connections queue from here on and are answered once the server runs.
    let shown = std::thread::spawn(move || show(address, &secret));
    let done = server.run();
    log.flush();
    match shown.join() {
        Ok(shown) => done.and(shown).map(|()| Exit::Done),
        Err(_) => Err(Failure::could_not("send the sample donations", "a thread has panicked")
            .advise("see the lines above")),
    }
}

/// Sends the sample donations, one of them twice and one with a wrong signature, and prints the
/// answers.
fn show(address: SocketAddr, secret: &Secret) -> Result<(), Failure> {
    let url = format!("http://{address}/api/webhooks/stripe");
    let sender = Sender::new(&url);
    let run = chance::hex(8)?;
    let stranger =
        Secret::new("whsec_somebody_else").map_err(Failure::setting("the wrong secret"))?;
    let now = SystemClock::new().now();
    let mut table = output::table(&["delivery", "event", "answer", "body"]);
    let mut post =
        |what: &str, sample: &Sample, number: usize, secret: &Secret| -> Result<(), Failure> {
            let id = format!("evt_dev{run}{number}");
            let answer = sender
                .post(secret, now, sample.body(&id, now).as_bytes())
                .map_err(|error| Failure::could_not(format!("reach {url}"), error))?;
            table.add_row([
                what,
                &format!("{} {id}", sample.name),
                &answer.status.to_string(),
                &answer.body,
            ]);
            Ok(())
        };
    for (number, name) in DONATIONS.into_iter().enumerate() {
        let sample = Sample::named(name).unwrap_or(&SAMPLES[0]);
        post("a donation", sample, number, secret)?;
    }
    post("the first one again", &SAMPLES[0], 0, secret)?;
    post("with a wrong signature", &SAMPLES[0], DONATIONS.len(), &stranger)?;
    output::print(table)?;
    output::print(format_args!(
        "\nServing at {url} until Ctrl-C.\n\
         List the events:         donation-portal events list\n\
         List the donations:      donation-portal donations list\n\
         Use the Stripe CLI:      STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) donation-portal dev\n\
         \x20                        stripe listen --forward-to {url}\n"
    ))
}
