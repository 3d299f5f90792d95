//! The comparison that an operator asks for is done beside what the service does by itself.

use portal_domain::report::Verdict;
use portal_domain::requested_run::{self, RunRequested};
use portal_domain::stripe_job::Done;
use portal_domain::{
    ActionOutcome, ActionResult, ActionScope, ActionVerb, ActionVia, Actions as _, Actor,
    Jobs as _, NewAction, UnixSeconds, Window,
};
use portal_testkit::stripe::{Account, CLOVER, Payload};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, World, wait};
use crate::support::Result;

/// A portal that has looked at the last days, weeks after donations that it has never heard of.
fn weeks_later(donations: i64) -> Result<World> {
    let world = World::new(Account::live(CLOVER))?;
    for number in 0..donations {
        world.stripe.account().one_time(BEGIN + HOUR + number * MINUTE, 5000 + number, "jpy");
    }
    world.at(BEGIN + 20 * DAY);
    world.tend()?;
    assert_eq!(world.ledger()?, []);
    Ok(world)
}

fn window(world: &World) -> Result<Window> {
    let at = |seconds| UnixSeconds::new(seconds).ok_or("a time");
    assert!(world.now() > BEGIN + 2 * DAY);
    Ok(Window { since: at(BEGIN)?, until: at(BEGIN + 2 * DAY)? })
}

/// Asks as the console does; returns the number of the entry in the trail.
fn ask(world: &World) -> Result<u64> {
    let now = UnixSeconds::new(world.now()).ok_or("a time")?;
    let action = NewAction {
        who: Actor::new("ops").ok_or("a name")?,
        via: ActionVia::Console,
        verb: ActionVerb::Reconcile,
        scope: ActionScope::default(),
    };
    let action = wait(world.store.begin_action(&action, now))??;
    let asked = requested_run::request(&world.store, action, window(world)?, true, now);
    assert_eq!(wait(asked)??, RunRequested::Accepted);
    Ok(action)
}

fn outcome(world: &World, action: u64) -> Result<Option<(ActionResult, u64)>> {
    let entry = wait(requested_run::entry(&world.store, action))??.ok_or("no entry")?;
    Ok(entry.outcome.map(|it| (it.result, it.count)))
}

fn is_under_way(world: &World) -> Result<bool> {
    Ok(wait(requested_run::under_way(&world.store, true))??.is_some())
}

fn spent(world: &World) -> Result<u64> {
    Ok(wait(world.store.spend(0, UnixSeconds::new(world.now()).ok_or("a time")?))??)
}

#[test]
fn a_comparison_that_is_asked_for_records_what_is_missing_and_ends_its_entry() -> Result {
    let world = weeks_later(230)?;
    let action = ask(&world)?;
    let (mut done, mut steps) = (Vec::new(), 0);
    while is_under_way(&world)? {
        assert_eq!(outcome(&world, action)?, None);
        done.extend(world.tend_steps(2)?);
        steps += 2;
        assert!(steps < 100, "it does not end");
    }
    let [Done::Reported { report, .. }] = &*done else { panic!("{done:?}") };
    assert_eq!((report.verdict(), report.shown), (Verdict::Complete, 230));
    assert_eq!(report.window, window(&world)?);
    assert_eq!(world.ledger()?, world.truth());
    assert_eq!(outcome(&world, action)?, Some((ActionResult::Done, 230)));
    // The service's own comparisons go on, and another one can be asked for.
    ask(&world).map(drop)
}

#[test]
fn what_the_service_does_by_itself_comes_first() -> Result {
    let world = weeks_later(1)?;
    ask(&world)?;
    world.at(world.now() + DAY);
    world.stripe.account().one_time(world.now() - HOUR, 700, "jpy");
    let before = world.ledger()?.len();
    // The polls' own steps use up those of each minute until they have found it.
    while world.ledger()?.len() == before {
        let saved = wait(requested_run::under_way(&world.store, true))??.ok_or("it has ended")?;
        assert_eq!(saved.run.progress().0, "events");
        world.tend_steps(1)?;
    }
    world.tend()?;
    assert!(!is_under_way(&world)?);
    assert_eq!(world.ledger()?, world.truth());
    Ok(())
}

#[test]
fn one_that_is_cancelled_reads_nothing_more_and_files_nothing() -> Result {
    let world = weeks_later(230)?;
    let action = ask(&world)?;
    world.tend_steps(3)?;
    let (before, reports) = (spent(&world)?, world.reports()?.len());
    let now = UnixSeconds::new(world.now()).ok_or("a time")?;
    let cancelled = ActionOutcome { at: now, count: 0, result: ActionResult::Cancelled };
    wait(world.store.finish_action(action, &cancelled))??;
    assert!(!is_under_way(&world)?);
    world.tend()?;
    assert_eq!((spent(&world)?, world.reports()?.len()), (before, reports));
    assert_eq!(outcome(&world, action)?, Some((ActionResult::Cancelled, 0)));
    ask(&world)?;
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    Ok(())
}

#[test]
fn an_estimate_is_near_what_is_read() -> Result {
    for donations in [0, 40, 230, 900] {
        let world = weeks_later(donations)?;
        let deliveries: Vec<_> =
            world.stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
        // As if they had come in time.
        world.at(BEGIN + DAY);
        for delivery in &deliveries {
            world.deliver(delivery)?;
        }
        world.at(BEGIN + 20 * DAY);
        let estimate = requested_run::estimated_reads(&world.store, window(&world)?, true);
        let (estimate, before) = (wait(estimate)??, spent(&world)?);
        ask(&world)?;
        world.tend()?;
        let read = spent(&world)? - before;
        println!("{donations} donations: estimated {estimate}, read {read}");
        assert!(estimate <= 2 * read && read <= 2 * estimate, "{donations}: {estimate}, {read}");
    }
    Ok(())
}
