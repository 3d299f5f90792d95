//! The cron trigger settles what was left, and tells the channels.

use std::path::Path;

use rusqlite::Connection;

use crate::chance::Chance;
use crate::delivery::{Deliveries, IdShape, Ids};
use crate::http;
use crate::run::Failure;
use crate::worker::channel::Channel;
use crate::worker::local::Local;
use crate::worker::receiver::{PATIENCE, deliver, start};

/// Where the runtime takes what Cloudflare's clock would do:
/// <https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally>.
const CLOCK: &str = "/cdn-cgi/handler/scheduled";

/// As if the runtime had gone right after each 200: nothing of what followed it.
const LEAVE_ALL_TO_CRON: &str = "
    delete from payment; delete from dispute; delete from alert; delete from notice;
    insert into unsettled (seq, due_at) select seq, received_at from event;";

/// Delivers a gift and a dispute, undoes what the Worker made of them, and lets the clock strike.
pub(crate) fn cron(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let (channel, deliveries) = (Channel::open()?, Deliveries::new()?);
    let variables = [("SLACK_WEBHOOK_URL", channel.url())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));

    let running = start(receiver, &variables)?;
    let gift = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    deliver(receiver, &deliveries.request(&gift))?;
    deliver(receiver, &deliveries.dispute())?;
    receiver.database()?.wait_until_settled(PATIENCE)?;
    println!("settled after the answers");
    running.stop()?;

    Connection::open(receiver.database_file()?)?.execute_batch(LEAVE_ALL_TO_CRON)?;
    while channel.next(PATIENCE / 20).is_ok() {}
    let running = start(receiver, &variables)?;
    let database = receiver.database()?;
    if database.unsettled()? != 2 {
        return Err("something was settled before the clock struck".into());
    }
    strike(receiver)?;
    database.wait_until_settled(PATIENCE)?;
    let donations = database.number("select count(*) from donation")?;
    let notice = channel.next(PATIENCE)?;
    println!("donations: {donations}; the channel was told: {notice}");
    running.stop()?;
    if donations == 1 { Ok(()) } else { Err(format!("{donations} donations, not 1").into()) }
}

/// Lets the clock strike, and waits until all that follows is done.
pub(crate) fn strike(receiver: &Local) -> Result<(), Failure> {
    let status = http::get(receiver.address, CLOCK, |answer| answer.status)?;
    println!("the clock struck: {status}");
    Ok(())
}
