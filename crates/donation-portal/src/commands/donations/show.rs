//! `donation-portal donations show`

use portal_domain::money::for_people;
use portal_domain::{Donation, ObjectId};

use super::columns::{mode, remarks};
use crate::commands::{finish, object_id};
use crate::database::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};
use crate::period::Zone;
use crate::period::in_zone;

/// Which donation, and how to print it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    zone: Zone,

    /// The id of an invoice (in_…) or of a payment (pi_…)
    #[arg(value_parser = object_id)]
    id: ObjectId,

    /// How to print
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.database.home()?.open_to_read()?;
    let Some(donation) = finish("read the ledger", store.donation(&args.id))? else {
        return Err(Failure::found_wrong(format!(
            "there is no donation {id} in the ledger; perhaps its event did not come, or waits: \
             donation-portal events list --object {id}",
            id = args.id
        )));
    };
    match args.format {
        OneFormat::Json => output::print_json(&donation)?,
        OneFormat::Text => {
            for (name, value) in lines(&donation, args) {
                output::print(format_args!("{name:<12}{value}"))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn lines(donation: &Donation, args: &Args) -> Vec<(&'static str, String)> {
    let money = |amount| for_people(amount, &donation.currency);
    let time = |at| in_zone(at, &args.zone.time_zone);
    let lines = vec![
        ("id", donation.id.to_string()),
        ("kind", donation.kind.name().to_owned()),
        ("state", donation.state.name().to_owned()),
        ("amount", money(donation.amount)),
        ("refunded", money(donation.refunded)),
        ("lost", money(donation.lost)),
        ("net", money(donation.net)),
        ("paid at", donation.paid_at.map(time).unwrap_or_default()),
        ("mode", mode(donation.livemode).to_owned()),
        ("remarks", remarks(donation)),
        ("events", format!("donation-portal events list --object {}", donation.id)),
    ];
    lines.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
