//! `donation-portal donations show`

mod lines;

use portal_domain::lookup::{find_with_breakdown, last_events_of};
use portal_domain::payouts::lookup;
use portal_domain::{Breakdown, Clock as _, ObjectId, Store, Text, text};
use portal_service::json::DonationDetail;
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::commands::{finish, object_id, reading_inbox, reading_ledger};
use crate::config::{Database, Zone};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `donations show`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal donations show re_3FuezC092bs8YG8f1oTqLw4K")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    zone: Zone,

    /// Id of an invoice (in_…), a payment (pi_…), a charge (ch_…, py_…), a refund (re_…, pyr_…), a
    /// credit note (cn_…), a dispute (du_…, dp_…), a Checkout session (cs_…), an InvoicePayment (inpay_…) or an event (evt_…)
    #[arg(value_parser = object_id)]
    id: ObjectId,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let zone = args.zone.time_zone()?;
    let store = args.database.home()?.open_to_read()?;
    let (donation, others) = find(&*store, &args.id)?;
    let events = finish(reading_inbox(), last_events_of(&*store, &donation.donation.id))?;
    let money = lookup::money_of_one(&*store, &donation.donation, SystemClock::new().now());
    let money = finish(reading_ledger(), money)?;
    match args.format {
        OneFormat::Json => output::print_json(&DonationDetail::of(&donation, &money, &events))?,
        OneFormat::Text => lines::print(&donation, &money, &events, &zone)?,
    }
    if !others.is_empty() {
        output::note(format_args!("{} belongs to other donations too: {}", args.id, join(&others)));
    }
    Ok(Exit::Done)
}

/// Returns the first donation that the id belongs to, and the ids of the others.
fn find(store: &dyn Store, id: &ObjectId) -> Result<(Breakdown, Vec<ObjectId>), Failure> {
    let found = finish(reading_ledger(), find_with_breakdown(store, id))?;
    found.ok_or_else(|| not_found(id))
}

fn not_found(id: &ObjectId) -> Failure {
    let look = if id.as_str().starts_with("evt_") { "show" } else { "list --object" };
    let why = text!(
        "no donation in the ledger has or includes it",
        "台帳に、この ID の、またはこの ID を含む寄付がありません"
    );
    Failure::found_wrong(Text::same(id), why).advise(text!(
        "give the id of an invoice, a payment, a charge, a refund, a credit note, a dispute, a \
         Checkout session, an InvoicePayment or an event, or check whether its event has arrived: \
         donation-portal events {look} {id}",
        "請求書、決済、支払い、返金、クレジットノート、不審請求の申し立て、Checkout セッション、InvoicePayment、\
         イベントのいずれかの ID を指定するか、イベントが届いているかを確認してください: \
         donation-portal events {look} {id}"
    ))
}

fn join(ids: &[ObjectId]) -> String {
    ids.iter().map(ObjectId::as_str).collect::<Vec<_>>().join(", ")
}
