//! Payouts, read at a stand-in for Stripe: the samples, random accounts, and what goes wrong between two
//! pages.

mod model;
mod reads;

use portal_domain::payouts::{PayoutsRun, StatementJson, lookup};
use portal_domain::reconcile::Reconciler;
use portal_domain::{DonationFilter, Ledger as _, PayoutFilter, Payouts as _, UnixSeconds, Window};
use portal_testkit::payout_samples::{self, PayoutSet};
use portal_testkit::stripe::{Account, CLOVER, Fault, Resource, Schedule};
use serde_json::{Value, json};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, World, wait};
use crate::support::Result;

/// The donations of samples are not older.
const LONG_AGO: i64 = 1_780_000_000;

/// Every set comes out as it is due. A donation that nobody told of is recorded from the line's own
/// source, so that this one set is explained.
#[test]
fn every_sample_is_explained_or_differs_as_it_should() -> Result {
    for name in payout_samples::names()? {
        let PayoutSet { account, now, expected, .. } = PayoutSet::read(&name)?;
        let world = World::new(account)?;
        world.at(now);
        world.reconcile(LONG_AGO)?;
        read_all(&world, LONG_AGO)?;
        let shown = statements(&world)?;
        for due in expected["statements"].as_array().ok_or("statements")? {
            let found = shown.iter().find(|it| it["payout"] == due["payout"]);
            let found = found.ok_or_else(|| format!("{name}: {}", due["payout"]))?;
            if name.ends_with("a-donation-is-unknown") {
                assert_eq!(found["state"], "explained", "{name}");
                continue;
            }
            is_as_due(&name, due, found);
        }
    }
    Ok(())
}

/// The run is written down and read back between any two steps, and each page may be refused first.
#[test]
fn a_reading_goes_on_after_a_kill_or_a_refusal_at_each_page() -> Result {
    let due = {
        let world = a_world()?;
        read_all(&world, BEGIN - 60 * DAY)?;
        statements(&world)?
    };
    assert!(due.iter().any(|it| it["state"] == "explained"), "{due:?}");
    for page in 0..9 {
        let world = a_world()?;
        let mut run = run(BEGIN - 60 * DAY, world.now());
        let reader = reader(&world);
        for step in 0.. {
            if step == page {
                // Another process reads what was written down.
                run = serde_json::from_str(&serde_json::to_string(&run)?)?;
                world.stripe.next([Fault::NotAllowed]);
            }
            wait(reader.read_payouts(&mut run))??;
            is_explained_as_due(&statements(&world)?, &due, &format!("page {page}"));
            if run.has_ended() {
                break;
            }
        }
        // The next day all can be read.
        world.at(world.now() + DAY);
        read_all(&world, BEGIN - 60 * DAY)?;
        assert_eq!(statements(&world)?, due, "page {page}");
    }
    Ok(())
}

/// The budget is spent at each page: nothing is explained before all was read, and the next budget
/// reads the rest.
#[test]
fn a_reading_goes_on_after_the_budget_is_spent_at_each_page() -> Result {
    let (due, reads) = {
        let world = a_world()?;
        let before = world.stripe.requests().len();
        world.tend_payouts()?;
        (statements(&world)?, u64::try_from(world.stripe.requests().len() - before)?)
    };
    assert!(due.iter().any(|it| it["state"] == "explained"), "{due:?}");
    let mut partly = 0;
    for budget in 0..reads {
        let mut world = a_world()?;
        let unbounded = std::mem::replace(&mut world.budget, budget);
        let before = world.stripe.requests().len();
        world.tend_payouts()?;
        assert_eq!(u64::try_from(world.stripe.requests().len() - before)?, budget);
        let found = statements(&world)?;
        is_explained_as_due(&found, &due, &format!("budget {budget}"));
        partly += found.iter().filter(|it| it["reason"] == "budget_spent").count();
        world.budget = unbounded;
        world.at(world.now() + DAY);
        world.tend_payouts()?;
        assert_eq!(statements(&world)?, due, "budget {budget}");
    }
    assert!(partly > 0, "no statement says that the budget was spent");
    Ok(())
}

/// The job asks once a day, and for the lines of a payout when Stripe can name them; a failed payout is
/// notified until its money has arrived.
#[test]
fn the_job_reads_what_is_due_and_tells_of_what_failed() -> Result {
    let mut account = Account::live(CLOVER);
    account.one_time(BEGIN, 5_000, "jpy");
    let first = account.pay_out(BEGIN + 10 * DAY, "jpy").ok_or("a payout")?;
    account.fail_payout(&first, BEGIN + 13 * DAY, "account_closed");
    account.one_time(BEGIN + 13 * DAY, 7_000, "jpy");
    account.pay_out(BEGIN + 30 * DAY, "jpy").ok_or("another payout")?;
    let world = World::new(account)?;
    world.at(BEGIN + 5 * DAY);
    world.reconcile(BEGIN - DAY)?;
    world.tend_payouts()?;
    let reads = world.stripe.requests().len();
    world.at(world.now() + HOUR);
    world.tend_payouts()?;
    assert_eq!(world.stripe.requests().len(), reads, "nothing is due");

    world.at(BEGIN + 14 * DAY);
    world.reconcile(BEGIN - DAY)?;
    world.tend_payouts()?;
    let failed = format!("payout_failed:{first}");
    assert!(world.alerts()?.contains(&failed), "{:?}", world.alerts()?);
    world.at(BEGIN + 40 * DAY);
    world.reconcile(BEGIN - DAY)?;
    world.tend_payouts()?;
    assert!(!world.alerts()?.contains(&failed), "{:?}", world.alerts()?);
    Ok(())
}

/// A key without the permission says so, once, and nothing is called explained.
#[test]
fn a_permission_that_is_missing_is_notified() -> Result {
    let world = a_world()?;
    world.stripe.always(Resource::BalanceTransactions, Fault::NotAllowed);
    world.tend_payouts()?;
    assert_eq!(world.sorted_alerts()?, ["stripe_unreadable:balance_lines"]);
    for it in statements(&world)? {
        assert!(matches!(it["state"].as_str(), Some("unreadable" | "manual")), "{it}");
        assert_eq!(it["sum_of_net"], Value::Null, "{it}");
    }
    Ok(())
}

/// Two months of gifts, refunds and weekly payouts, in pages of a few lines.
fn a_world() -> Result<World> {
    let mut account = Account::live(CLOVER);
    account.balance.page_max = 3;
    let begin = BEGIN - 50 * DAY;
    for day in 0..14 {
        let gift = account.one_time(begin + day * DAY, 1_000 + day, "jpy");
        if day % 5 == 0 {
            account.refund(&gift, begin + (day + 1) * DAY, 300);
        }
    }
    account.pay_out_on(Schedule::Weekly, begin, BEGIN);
    let world = World::new(account)?;
    world.at(BEGIN + 10 * MINUTE);
    world.reconcile(begin - DAY)?;
    Ok(world)
}

fn run(since: i64, now: i64) -> PayoutsRun {
    let at = |second| UnixSeconds::new(second).unwrap_or_default();
    let window = Window { since: at(since), until: at(now) };
    PayoutsRun::new(window, window, true)
}

fn reader(world: &World) -> Reconciler<'_> {
    Reconciler { stripe: world.api(), store: &world.store, clock: world.clock() }
}

fn read_all(world: &World, since: i64) -> Result {
    let mut run = run(since, world.now());
    while !run.has_ended() {
        wait(reader(world).read_payouts(&mut run))??;
    }
    Ok(())
}

fn statements(world: &World) -> Result<Vec<Value>> {
    let rows = wait(world.store.payouts(&PayoutFilter::default(), None, 1000))??;
    let mut all = Vec::new();
    for row in rows {
        let statement = wait(lookup::statement(&world.store, &row))??;
        all.push(json!(StatementJson::of(&row, &statement)));
    }
    Ok(all)
}

/// Asserts that each statement that is explained is the one that is due.
#[track_caller]
fn is_explained_as_due(found: &[Value], due: &[Value], when: &str) {
    for it in found.iter().filter(|it| it["state"] == "explained") {
        let final_one = due.iter().find(|due| due["payout"] == it["payout"]);
        assert_eq!(final_one, Some(it), "{when}");
    }
}

fn is_as_due(name: &str, due: &Value, found: &Value) {
    for (key, value) in due.as_object().into_iter().flatten() {
        assert_eq!(found.get(key), Some(value), "{name}: {key} of {found}");
    }
}

/// Each paid gift has one place, and it is the one that the stand-in knows.
#[test]
fn each_paid_gift_is_at_one_place() -> Result {
    for by_hand in [false, true] {
        let world = a_world_of(by_hand)?;
        read_all(&world, BEGIN - 60 * DAY)?;
        let donations = wait(world.store.donations(&DonationFilter::default(), None, 1000))??;
        let now = UnixSeconds::new(world.now()).ok_or("a time")?;
        let money = wait(lookup::money_of(&world.store, &donations, now))??;
        let whereabouts = world.stripe.account().whereabouts(world.now());
        for (donation, money) in donations.iter().zip(&money) {
            let due = whereabouts.iter().find(|it| it.id == donation.id.as_str());
            let due = due.ok_or_else(|| donation.id.to_string())?;
            let found = (money.balance_net, money.fee, money.payout.as_ref().map(|it| it.as_str()));
            assert_eq!(found, (Some(due.net), Some(due.fee), due.payout.as_deref()), "{due:?}");
        }
    }
    Ok(())
}

fn a_world_of(by_hand: bool) -> Result<World> {
    if !by_hand {
        return a_world();
    }
    let mut account = Account::live(CLOVER);
    for day in 0..5 {
        account.one_time(BEGIN - 50 * DAY + day * DAY, 1_000, "jpy");
    }
    account.pay_out_by_hand(BEGIN - 30 * DAY, 2_000, "jpy");
    let world = World::new(account)?;
    world.at(BEGIN);
    world.reconcile(BEGIN - 60 * DAY)?;
    Ok(world)
}
