//! Reconciliation makes the ledger equal to Stripe's account, whatever deliveries are lost, and the
//! report is complete.

mod rare;

use std::collections::BTreeSet;
use std::time::Duration;

use portal_domain::report::Verdict;
use portal_domain::{Ledger as _, Report};
use portal_testkit::stripe::{ACACIA, Account, CLOVER, Fault, Payload, Verdict as Ruling};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use rare::{Rare, a_rare_story};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, World, wait};
use crate::support::Result;

/// An occurrence at Stripe. Times are seconds after the beginning of the case.
#[derive(Clone, Debug)]
enum Story {
    OneTime { at: i64, amount: i64, session: bool },
    Recurring { at: i64, amount: i64 },
    Konbini { at: i64, paid_after: Option<i64>, amount: i64 },
    FailedRenewal { at: i64, paid_after: Option<i64>, amount: i64 },
    OutOfBand { at: i64, amount: i64 },
    Free { at: i64 },
    Refunded { at: i64, amount: i64, after: i64, part: i64 },
    Disputed { at: i64, amount: i64, after: i64, won: bool },
    Rare(Rare),
}

/// The fate of one event's delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Delivered,
    Twice,
    Lost,
    /// Lost, and listed by Stripe only this many seconds later.
    Late(i64),
    NeverMade,
}

#[derive(Clone, Debug)]
struct Case {
    /// The API version in which Stripe lists events.
    version: &'static str,
    /// The API version in which Stripe delivers events, which is that of the endpoint.
    endpoint: &'static str,
    hints: bool,
    stories: Vec<Story>,
    fates: Vec<Fate>,
    /// The beginning and the length of a downtime of the service, in seconds.
    down: (i64, i64),
    /// The times at which the service reconciles, besides the end.
    runs: Vec<i64>,
    /// The faults of Stripe's answers while the service reconciles.
    faults: Vec<u8>,
}

/// The length of a case, in seconds: all of it is within the first comparison.
const SPAN: i64 = 2 * DAY;

#[test]
fn whatever_was_lost_the_ledger_is_the_truth_and_the_report_says_so() -> Result {
    let config = Config { failure_persistence: None, ..Config::default() };
    // A case starts a server, and takes as long as eight others.
    let cases = config.cases.div_ceil(8);
    let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 1000, ..config });
    runner.run(&a_case(), |case| play(&case).map_err(|it| TestCaseError::fail(it.to_string())))?;
    Ok(())
}

fn play(case: &Case) -> Result {
    let mut account = Account::live(case.version);
    account.hints = case.hints;
    for story in &case.stories {
        tell(&mut account, story);
    }
    let events: Vec<_> = account.events().map(|it| (it.id.clone(), it.created)).collect();
    let notes: BTreeSet<_> = account
        .events()
        .filter(|it| it.event_type.starts_with("credit_note."))
        .map(|it| it.id.clone())
        .collect();
    let fates: Vec<_> = case.fates.iter().copied().cycle().take(events.len()).collect();
    let (mut lost, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for ((id, created), fate) in events.iter().zip(&fates) {
        match fate {
            Fate::Late(seconds) => account.visible_from(id, created + seconds),
            // Credit notes are found only by their events.
            Fate::NeverMade if notes.contains(id) => {}
            Fate::NeverMade => account.never_made(id),
            Fate::Twice => {
                twice.insert(id.clone());
            }
            Fate::Delivered | Fate::Lost => {}
        }
        let down = (case.down.0..case.down.0 + case.down.1).contains(&(created - BEGIN));
        if down || !matches!(fate, Fate::Delivered | Fate::Twice) {
            lost.insert(id.clone());
        }
    }
    let deliveries: Vec<_> = account.deliveries(Payload::Snapshot(case.endpoint)).collect();
    let world = World::new(account)?;
    let end = BEGIN + SPAN + 22 * HOUR;
    let runs: BTreeSet<_> = case.runs.iter().map(|it| BEGIN + 3 * HOUR + it).collect();
    // Events that were not listed at the end are an hour later, and the rest within a day.
    let mut deliveries = deliveries.iter().filter(|it| !lost.contains(&it.id)).peekable();
    for look in runs.into_iter().chain([end, end + 2 * HOUR, end + DAY, end + 2 * DAY]) {
        while let Some(delivery) = deliveries.next_if(|it| it.created < look) {
            world.at(delivery.created + 1);
            world.deliver(delivery)?;
            if twice.contains(&delivery.id) {
                world.deliver(delivery)?;
            }
        }
        world.at(look);
        if look == end {
            world.stripe.next(case.faults.iter().map(fault));
        }
        world.tend()?;
    }
    let reports = world.reports()?;
    let (here, due) = (world.ledger()?, world.truth());
    if here != due {
        return Err(format!("here: {here:#?}\ndue: {due:#?}\n{reports:#?}").into());
    }
    // Reports are listed newest first; faults are over before the last one.
    if reports.first().is_none_or(|it| it.verdict() != Verdict::Complete) {
        return Err(format!("the last report is not complete: {reports:#?}").into());
    }
    let differs = |it: &&Report| match it.verdict() {
        Verdict::Complete => it.here() != it.shown,
        Verdict::Differences => true,
        Verdict::Unknown => false,
    };
    if let Some(report) = reports.iter().find(differs) {
        return Err(format!("a difference stays open: {report:#?}").into());
    }
    let not_derived = wait(world.store.check_ledger(100))??;
    if not_derived.is_empty() {
        Ok(())
    } else {
        Err(format!("what is kept is not what follows: {not_derived:?}").into())
    }
}

fn tell(account: &mut Account, story: &Story) {
    let when = |at: i64| BEGIN + 3 * HOUR + at;
    match *story {
        Story::OneTime { at, amount, session: true } => {
            account.one_time(when(at), amount, "jpy");
        }
        Story::OneTime { at, amount, session: false } => {
            account.one_time_without_session(when(at), amount, "jpy");
        }
        Story::Recurring { at, amount } => {
            account.subscription_payment(when(at), amount, "usd");
        }
        Story::Konbini { at, paid_after, amount } => {
            account.konbini(when(at), paid_after.map(|it| when(at + it)), amount);
        }
        Story::FailedRenewal { at, paid_after, amount } => {
            account.failed_renewal(when(at), paid_after.map(|it| when(at + it)), amount, "usd");
        }
        Story::OutOfBand { at, amount } => {
            account.out_of_band(when(at), amount, "jpy");
        }
        Story::Free { at } => {
            account.zero_invoice(when(at), "jpy");
        }
        Story::Refunded { at, amount, after, part } => {
            let payment = account.one_time(when(at), amount, "jpy");
            account.refund(&payment, when(at + after), amount * part / 100);
        }
        Story::Disputed { at, amount, after, won } => {
            let renewal = account.subscription_payment(when(at), amount, "usd");
            let dispute = account.dispute(&renewal.payment_intent, when(at + after));
            let ruling = if won { Ruling::Won } else { Ruling::Lost };
            account.close_dispute(&dispute, when(at + 2 * after), ruling);
        }
        Story::Rare(ref story) => story.tell(account),
    }
}

pub(super) fn fault(number: &u8) -> Fault {
    match number % 6 {
        0 => Fault::RateLimited("endpoint-rate"),
        1 => Fault::Failing { should_retry: Some(true) },
        2 => Fault::Failing { should_retry: None },
        3 => Fault::Conflict,
        4 => Fault::Drop,
        _ => Fault::Slow(Duration::from_millis(20)),
    }
}

fn a_case() -> impl Strategy<Value = Case> {
    let version = || prop_oneof![Just(ACACIA), Just(CLOVER)];
    let account = (version(), version(), any::<bool>());
    let down = (0..SPAN, MINUTE..12 * HOUR);
    let runs = vec(0..SPAN, 0..6);
    let faults = vec(any::<u8>(), 0..6);
    (account, vec(a_story(), 1..25), vec(a_fate(), 1..60), down, runs, faults).prop_map(
        |((version, endpoint, hints), stories, fates, down, runs, faults)| Case {
            version,
            endpoint,
            hints,
            stories,
            fates,
            down,
            runs,
            faults,
        },
    )
}

fn a_story() -> impl Strategy<Value = Story> {
    let (at, amount) = (0..DAY, 100..100_000_i64);
    let after = MINUTE..6 * HOUR;
    let paid_after = proptest::option::of(MINUTE..12 * HOUR);
    prop_oneof![
        4 => (at.clone(), amount.clone(), any::<bool>())
            .prop_map(|(at, amount, session)| Story::OneTime { at, amount, session }),
        4 => (at.clone(), amount.clone())
            .prop_map(|(at, amount)| Story::Recurring { at, amount }),
        2 => (at.clone(), paid_after.clone(), amount.clone())
            .prop_map(|(at, paid_after, amount)| Story::Konbini { at, paid_after, amount }),
        2 => (at.clone(), paid_after, amount.clone())
            .prop_map(|(at, paid_after, amount)| Story::FailedRenewal { at, paid_after, amount }),
        1 => (at.clone(), amount.clone())
            .prop_map(|(at, amount)| Story::OutOfBand { at, amount }),
        1 => at.clone().prop_map(|at| Story::Free { at }),
        2 => (at.clone(), amount.clone(), after.clone(), 1..=100_i64)
            .prop_map(|(at, amount, after, part)| Story::Refunded { at, amount, after, part }),
        1 => (at, amount, after, any::<bool>())
            .prop_map(|(at, amount, after, won)| Story::Disputed { at, amount, after, won }),
        5 => a_rare_story().prop_map(Story::Rare),
    ]
}

fn a_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Delivered),
        1 => Just(Fate::Twice),
        3 => Just(Fate::Lost),
        1 => (1..HOUR).prop_map(Fate::Late),
        1 => Just(Fate::NeverMade),
    ]
}
