//! Months of random accounts: whatever is lost, late or refused, nothing is explained that is not, and
//! at the end all is.

use std::collections::BTreeMap;

use portal_domain::payouts::lookup;
use portal_domain::{DonationFilter, Ledger as _, UnixSeconds, Window};
use portal_testkit::stripe::{
    CLOVER, Draws, PAYOUT_STORY_DAYS, Payload, Place, Statement, payout_story,
};
use proptest::test_runner::Config;
use serde_json::{Value, json};

use super::{read_all, statements};
use crate::reconcile::model::fault;
use crate::reconcile::world::{BEGIN, DAY, HOUR, World, wait};
use crate::support::Result;

/// The beginning of the stories, which end at [`BEGIN`].
const SINCE: i64 = BEGIN - PAYOUT_STORY_DAYS * DAY;

#[test]
fn whatever_is_lost_months_of_payouts_are_explained() -> Result {
    // A case plays a hundred days with a server, and takes as long as a hundred others.
    for seed in 0..u64::from(Config::default().cases.div_ceil(128)) {
        play(seed).map_err(|error| format!("seed {seed}: {error}"))?;
    }
    Ok(())
}

fn play(seed: u64) -> Result {
    let mut draws = Draws::new(seed);
    let mut account = payout_story(seed, BEGIN);
    account.balance.page_max = 5 + usize::try_from(draws.below(20))?;
    let mut deliveries: Vec<_> = account.deliveries(Payload::Snapshot(CLOVER)).collect();
    // A third is lost, and a tenth comes twice, up to three days late and in any order.
    deliveries.retain(|_| draws.below(3) > 0);
    let mut fates: Vec<_> = Vec::new();
    for (number, it) in deliveries.iter().enumerate() {
        let times = 1 + i64::from(draws.below(10) == 0);
        for _ in 0..times {
            fates.push((it.created + draws.below(3 * DAY), number));
        }
    }
    fates.sort_by_key(|(at, _)| *at);
    let world = World::new(account)?;
    let mut fates = fates.into_iter().peekable();
    for look in (SINCE..=BEGIN).step_by(5 * 86_400) {
        while let Some((at, number)) = fates.next_if(|(at, _)| *at < look) {
            world.at(at + 1);
            world.deliver(&deliveries[number])?;
        }
        world.at(look + 6 * HOUR);
        let faults: Vec<_> = (0..draws.below(4)).map(|_| draws.below(6)).collect();
        world
            .stripe
            .next(faults.iter().filter_map(|it| u8::try_from(*it).ok()).map(|it| fault(&it)));
        world.tend()?;
        world.tend_payouts()?;
        nothing_is_explained_that_is_not(&world)?;
    }
    all_is_explained(&world)
}

/// Compares what is explained with the truth.
fn nothing_is_explained_that_is_not(world: &World) -> Result {
    let truth = truth(world);
    for it in statements(world)?.iter().filter(|it| it["state"] == "explained") {
        let due = it["payout"].as_str().and_then(|it| truth.get(it)).ok_or("an unknown payout")?;
        if due.state != "explained" || it["parts"] != json!(due.parts) {
            return Err(format!("{it} is not {due:?}").into());
        }
    }
    Ok(())
}

/// Compares everything with the truth, after all was read once more.
fn all_is_explained(world: &World) -> Result {
    world.at(BEGIN + 6 * DAY);
    world.reconcile(SINCE - 31 * DAY)?;
    read_all(world, SINCE - 31 * DAY)?;
    let (found, truth) = (statements(world)?, truth(world));
    if found.len() != truth.len() {
        return Err(format!("{} payouts of {}", found.len(), truth.len()).into());
    }
    for it in &found {
        let due = it["payout"].as_str().and_then(|it| truth.get(it)).ok_or("an unknown payout")?;
        let parts = due.parts.as_ref().map_or(Value::Null, |it| json!(it));
        let same = it["state"] == due.state
            && it["status"] == due.status
            && it["amount"] == due.amount
            && (it["state"] != "explained" || it["parts"] == parts)
            && it["returned_by"] == json!(due.returned_by);
        if !same {
            return Err(format!("{it} is not {due:?}").into());
        }
    }
    the_account_is_the_balance(world)?;
    each_gift_is_at_its_place(world)
}

fn truth(world: &World) -> BTreeMap<String, Statement> {
    let all = world.stripe.account().statements(world.now());
    all.into_iter().map(|it| (it.payout.clone(), it)).collect()
}

/// The sum of all lines is what left the balance and what is still there.
fn the_account_is_the_balance(world: &World) -> Result {
    let at = |second| UnixSeconds::new(second).ok_or("a time");
    let window = Window { since: at(SINCE - 30 * DAY)?, until: at(world.now())? };
    let accounts = wait(lookup::accounts(&world.store, true, window))??.ok_or("an account")?;
    for it in &accounts {
        let account = world.stripe.account();
        let due = account.period(it.currency.as_str(), window.since.get(), window.until.get());
        let parts: BTreeMap<&str, i64> =
            it.parts.iter().map(|(part, sum)| (part.name(), sum)).collect();
        if parts != due.parts || it.payouts != due.payouts || it.closing != Some(due.closing) {
            return Err(format!("{it:?} is not {due:?}").into());
        }
    }
    Ok(())
}

fn each_gift_is_at_its_place(world: &World) -> Result {
    let donations = wait(world.store.donations(&DonationFilter::default(), None, 1000))??;
    let now = UnixSeconds::new(world.now()).ok_or("a time")?;
    let money = wait(lookup::money_of(&world.store, &donations, now))??;
    let mut found: BTreeMap<_, _> = donations.iter().map(|it| it.id.as_str()).zip(money).collect();
    for due in world.stripe.account().whereabouts(world.now()) {
        let it = found.remove(&*due.id).ok_or_else(|| format!("{} is not here", due.id))?;
        let net = due.currency.map(|_| due.net);
        let place = it.place.map(|it| format!("{it:?}"));
        let is_there = place == Some(format!("{:?}", due.place)) || due.place == Place::NotSeenYet;
        let payout = it.payout.as_ref().map(|it| it.as_str());
        if it.balance_net != net || !is_there || payout != due.payout.as_deref() {
            return Err(format!("{it:?} is not {due:?}").into());
        }
    }
    match found.into_iter().find(|(_, it)| it.place.is_some()) {
        Some((id, it)) => Err(format!("{id} has a place and was not paid: {it:?}").into()),
        None => Ok(()),
    }
}
