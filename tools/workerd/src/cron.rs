//! A donation is there as soon as its delivery was answered; the cron trigger tells the channels what
//! nobody was told.

use std::path::Path;

use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http;
use portal_harness::worker::Local;
use portal_harness::worker::{ANSWER_WITHIN, deliver, start};
use portal_testkit::channel::{Channel, Mood};
use rusqlite::Connection;
use xtask::chance::Chance;
use xtask::run::Failure;

/// The path by which the runtime is given a cron run:
/// <https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally>.
const CLOCK: &str = "/cdn-cgi/handler/scheduled";

/// As if the runtime had gone right after each 200: nothing of what followed it.
const LEAVE_ALL_TO_CRON: &str = "delete from notification";

/// Delivers a gift and a dispute, forgets that the channel was told, and lets the clock strike.
pub(crate) fn cron(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let (channel, deliveries) = (Channel::open(Mood::Well)?, Deliveries::new()?);
    let variables = [("SLACK_WEBHOOK_URL", channel.url())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));

    let running = start(receiver, &variables)?;
    let gift = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    deliver(receiver, &deliveries.request(&gift))?;
    let donations = receiver.database()?.number("select count(*) from donation")?;
    if donations != 1 {
        return Err(format!("{donations} donations right after the answer, not 1").into());
    }
    deliver(receiver, &deliveries.dispute())?;
    println!("after the answer the channel was notified: {}", channel.text(0, ANSWER_WITHIN)?);
    running.stop()?;

    Connection::open(receiver.database_file()?)?.execute_batch(LEAVE_ALL_TO_CRON)?;
    let running = start(receiver, &variables)?;
    if let Ok(notice) = channel.text(1, ANSWER_WITHIN / 20) {
        return Err(format!("the channel was told before the clock struck: {notice}").into());
    }
    strike(receiver)?;
    println!("by the clock the channel was notified: {}", channel.text(1, ANSWER_WITHIN)?);
    running.stop()
}

/// Lets the clock strike, and waits until all that follows is done.
pub(crate) fn strike(receiver: &Local) -> Result<(), Failure> {
    let status = http::get(receiver.address, CLOCK)?.status;
    println!("the clock struck: {status}");
    Ok(())
}
