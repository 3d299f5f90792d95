//! The jobs that the service runs by itself.

use portal_domain::report::{Difference, Verdict};
use portal_domain::{Inbox as _, Jobs as _};
use portal_testkit::stripe::{
    ACACIA, Account, CLOVER, Delivery, Endpoint, Fault, Payload, Resource,
};
use serde_json::Value;

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, WEBHOOK, World, wait};
use crate::support::Result;

/// A change of the endpoints that is a problem.
type Harm = fn(&mut Vec<Endpoint>);

/// Returns an account with a correct endpoint.
fn an_account() -> Account {
    let mut account = Account::live(CLOVER);
    account.endpoints.push(endpoint());
    account
}

fn endpoint() -> Endpoint {
    let types = portal_domain::event_types::MONEY_TYPES;
    Endpoint {
        id: "we_1".into(),
        url: WEBHOOK.into(),
        status: "enabled",
        enabled_events: types.map(str::to_owned).into(),
        api_version: Some(CLOVER),
        livemode: true,
    }
}

#[test]
fn a_payment_without_any_delivery_is_recorded_minutes_later() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    world.stripe.account().one_time(world.now() + 10, 5000, "jpy");
    world.at(world.now() + 8 * MINUTE);
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    let event = wait(world.store.events(&everything()))??.into_iter().next().ok_or("an event")?;
    assert_eq!((event.origin.name(), event.state.name()), ("reconciled", "processed"));
    assert_eq!(world.alerts()?, ["events_not_delivered"]);

    // The late delivery is a duplicate.
    let deliveries: Vec<_> = world.stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
    for delivery in deliveries.iter().filter(|it| it.event_type == "payment_intent.succeeded") {
        world.deliver(delivery)?;
    }
    assert_eq!(world.ledger()?, world.truth());
    Ok(())
}

#[test]
fn a_disabled_endpoint_raises_an_alert_with_the_first_event_that_it_misses() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    assert_eq!(world.alerts()?, Vec::<String>::new());

    world.stripe.account().endpoints[0].status = "disabled";
    let happened = world.now() + MINUTE;
    world.stripe.account().one_time(happened, 5000, "jpy");
    while world.alerts()?.is_empty() {
        world.at(world.now() + MINUTE);
        world.tend()?;
    }
    assert!(world.now() - happened <= 10 * MINUTE, "told {} s later", world.now() - happened);
    assert_eq!(world.sorted_alerts()?, ["endpoint:disabled", "events_not_delivered"]);

    // The endpoint is enabled again, and the next event is delivered.
    world.stripe.account().endpoints[0].status = "enabled";
    world.at(world.now() + HOUR);
    world.tend()?;
    assert_eq!(world.alerts()?, ["events_not_delivered"]);
    world.stripe.account().one_time(world.now() + 1, 300, "jpy");
    let deliveries: Vec<_> = world.stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
    let enabled_at = world.now();
    for delivery in deliveries.iter().filter(|it| it.created > enabled_at) {
        world.at(delivery.created);
        world.deliver(delivery)?;
    }
    world.at(world.now() + 10 * MINUTE);
    world.tend()?;
    assert_eq!(world.alerts()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_look_by_an_operator_does_not_put_off_the_check_that_a_missing_event_asks_for() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    world.stripe.account().one_time(world.now() + MINUTE, 5000, "jpy");
    while world.alerts()?.is_empty() {
        world.at(world.now() + MINUTE);
        world.look_at_endpoint()?;
        world.tend()?;
    }
    assert_eq!(world.alerts()?, ["events_not_delivered"]);

    world.stripe.account().endpoints[0].status = "disabled";
    world.at(world.now() + 2 * MINUTE);
    world.tend()?;
    assert_eq!(world.sorted_alerts()?, ["endpoint:disabled", "events_not_delivered"]);
    Ok(())
}

#[test]
fn each_problem_of_the_endpoint_raises_an_alert_that_ends_with_it() -> Result {
    let wrong: [(&str, Harm); 6] = [
        ("endpoint:missing", |it| it[0].url = "https://old.example.org/".into()),
        ("endpoint:types_missing", |it| it[0].enabled_events.retain(|it| it != "invoice.paid")),
        ("endpoint:holds_up_invoices", |it| it[0].enabled_events.push("invoice.created".into())),
        ("endpoint:duplicated", |it| it.push(Endpoint { id: "we_2".into(), ..endpoint() })),
        ("endpoint:versions_differ", |it| {
            it.push(Endpoint { id: "we_2".into(), api_version: Some(ACACIA), ..endpoint() });
        }),
        ("endpoint:version_unknown", |it| it[0].api_version = Some("2099-01-01.later")),
    ];
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    for (alert, harm) in wrong {
        harm(&mut world.stripe.account().endpoints);
        world.at(world.now() + HOUR);
        world.tend()?;
        assert_eq!(world.alerts()?, [alert]);
        world.stripe.account().endpoints = vec![endpoint()];
        world.at(world.now() + HOUR);
        world.tend()?;
        assert_eq!(world.alerts()?, Vec::<String>::new(), "after {alert}");
    }
    Ok(())
}

/// An upgrade by Stripe's guide: <https://docs.stripe.com/webhooks/versioning>.
#[test]
fn an_endpoint_is_upgraded_by_a_second_one_and_the_alert_ends() -> Result {
    let world = World::new(an_account())?;
    world.stripe.account().endpoints[0].api_version = Some(ACACIA);
    world.at(BEGIN + DAY);
    let alerts_after = |change: Harm| -> Result<Vec<String>> {
        change(&mut world.stripe.account().endpoints);
        world.at(world.now() + HOUR);
        world.tend()?;
        world.alerts()
    };
    let made_disabled: Harm = |it| {
        let url = format!("{WEBHOOK}?version=2025-11-17");
        it.push(Endpoint { id: "we_2".into(), url, status: "disabled", ..endpoint() });
    };
    assert_eq!(alerts_after(made_disabled)?, Vec::<String>::new());
    assert_eq!(alerts_after(|it| it[1].status = "enabled")?, ["endpoint:versions_differ"]);
    assert_eq!(alerts_after(|it| it[0].status = "disabled")?, Vec::<String>::new());
    assert_eq!(alerts_after(|it| it.truncate(0))?, ["endpoint:missing"]);
    Ok(())
}

/// An endpoint for events of connected accounts delivers events of the portal's own account as those
/// of a connected one.
#[test]
fn what_was_ignored_as_a_connected_account_is_there_when_its_key_is_set() -> Result {
    let world = World::new(an_account())?;
    world.stripe.account().one_time(BEGIN + HOUR, 5000, "jpy");
    world.stripe.account().subscription_payment(BEGIN + 2 * HOUR, 2500, "usd");
    world.at(BEGIN + DAY);
    let deliveries: Vec<_> = world.stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
    for delivery in deliveries {
        let mut event: Value = serde_json::from_slice(&delivery.body)?;
        event["account"] = "acct_1".into();
        world.deliver(&Delivery { body: event.to_string().into_bytes(), ..delivery })?;
    }
    assert_ne!(world.ledger()?, world.truth());
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    Ok(())
}

#[test]
fn a_report_is_never_complete_if_something_could_not_be_read() -> Result {
    for (look, name) in [
        (Resource::Events, "events"),
        (Resource::PaymentIntents, "payment_intents"),
        (Resource::Invoices, "invoices"),
        (Resource::InvoicePayments, "invoice_payments"),
        (Resource::Disputes, "disputes"),
    ] {
        let world = World::new(an_account())?;
        world.stripe.account().one_time(BEGIN + HOUR, 5000, "jpy");
        world.at(BEGIN + DAY);
        world.stripe.always(look, Fault::NotAllowed);
        world.tend()?;
        let report = world.reports()?.remove(0);
        assert_eq!(report.verdict(), Verdict::Unknown, "{name}");
        let could_not_read = format!("incomplete: could not read {name} (the key may not read it");
        assert!(report.to_string().contains(&could_not_read), "{name}: {report}");
        assert!(world.alerts()?.contains(&format!("stripe_unreadable:{name}")), "{name}");
        assert!(world.alerts()?.contains(&"reconciliation_incomplete".to_owned()), "{name}");

        world.stripe.always(look, Fault::None);
        world.at(world.now() + DAY);
        world.tend()?;
        let report = world.reports()?.remove(0);
        assert_eq!(report.verdict(), Verdict::Complete, "{name}: {report:?}");
        let alerts = world.alerts()?;
        assert!(alerts.iter().all(|it| it == "events_not_delivered"), "{name}: {alerts:?}");
        assert_eq!(world.ledger()?, world.truth(), "{name}");
    }
    Ok(())
}

#[test]
fn an_error_of_stripe_raises_an_alert_after_an_hour() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    world.stripe.always(Resource::Events, Fault::Failing { should_retry: None });
    world.at(world.now() + 30 * MINUTE);
    world.tend()?;
    assert_eq!(world.alerts()?, Vec::<String>::new());
    world.at(world.now() + 40 * MINUTE);
    world.tend()?;
    assert_eq!(world.alerts()?, ["stripe_unreadable:events"]);
    world.stripe.always(Resource::Events, Fault::None);
    world.at(world.now() + 10 * MINUTE);
    world.tend()?;
    assert_eq!(world.alerts()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn an_event_that_shows_up_late_in_a_second_already_read_is_found() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    let at = world.now() + MINUTE;
    {
        let mut account = world.stripe.account();
        let late = account.one_time(at, 5000, "jpy");
        account.one_time(at, 7000, "jpy");
        for event_type in ["payment_intent.succeeded", "checkout.session.completed"] {
            let events: Vec<_> = account
                .events()
                .filter(|it| it.event_type == event_type && it.created == at)
                .map(|it| it.id.clone())
                .collect();
            account.visible_from(&events[0], at + 10 * MINUTE);
        }
        drop(late);
    }
    world.at(at + 5 * MINUTE);
    world.tend()?;
    assert_eq!(world.ledger()?.len(), 1);
    world.at(at + 16 * MINUTE);
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    Ok(())
}

#[test]
fn a_second_with_more_events_than_a_page_is_read_whole() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    world.tend()?;
    let at = world.now() + HOUR;
    for story in 0..150 {
        world.stripe.account().one_time(at, 1000 + story, "jpy");
        world.stripe.account().one_time(at + story * 20, 2000 + story, "jpy");
    }
    world.at(at + 2 * HOUR);
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    assert_eq!(world.ledger()?.len(), 300);
    Ok(())
}

#[test]
fn what_is_in_the_ledger_and_not_at_stripe_is_an_open_difference() -> Result {
    let other = World::new(an_account())?;
    other.stripe.account().one_time(BEGIN + DAY, 900, "jpy");
    let stranger: Vec<_> = other.stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
    let mut account = an_account();
    account.subscription_payment(BEGIN + HOUR, 100, "usd");
    let world = World::new(account)?;
    world.at(BEGIN + DAY + 1);
    for delivery in &stranger {
        world.deliver(delivery)?;
    }
    world.at(BEGIN + DAY + HOUR);
    world.tend()?;
    let report = world.reports()?.remove(0);
    assert_eq!((report.verdict(), report.open), (Verdict::Differences, 1), "{report:?}");
    let open: Vec<_> = report.findings.iter().filter(|it| !it.repaired).collect();
    assert_eq!(open[0].difference, Difference::MissingThere, "{report:?}");
    assert_eq!((report.shown, report.here()), (1, 1), "{report:?}");
    Ok(())
}

#[test]
fn a_month_of_polls_stays_within_the_budget_and_uses_it() -> Result {
    let mut world = World::new(an_account())?;
    world.budget = 1200;
    world.at(BEGIN + DAY);
    for _ in 0..(45 * 24 * 2) {
        world.at(world.now() + 30 * MINUTE);
        world.tend()?;
    }
    let a_month_ago = world.now() - 30 * DAY;
    let spent = wait(world.store.spend(0, now(&world)))??;
    assert!(spent <= 1200, "{spent} reads in 30 days");
    assert!(spent > 600, "only {spent} reads in 30 days");
    assert!(world.reports()?.iter().any(|it| it.made_at.get() > a_month_ago));
    Ok(())
}

#[test]
fn a_spent_budget_raises_an_alert() -> Result {
    let mut world = World::new(an_account())?;
    world.budget = 3;
    world.at(BEGIN + DAY);
    world.tend()?;
    assert_eq!(world.stripe.requests().len(), 3);
    let report = world.reports()?.remove(0);
    assert_eq!(report.verdict(), Verdict::Unknown);
    assert!(report.to_string().contains("the reads of the last 30 days are used up"), "{report}");
    Ok(())
}

fn now(world: &World) -> portal_domain::UnixSeconds {
    portal_domain::UnixSeconds::new(world.now()).unwrap_or_default()
}

fn everything() -> portal_domain::EventFilter {
    portal_domain::EventFilter::latest(100)
}
