//! Thin events: their object is fetched, and they have the effect of a snapshot event.

use portal_domain::{Event, EventFilter, Inbox as _, Selection};
use portal_testkit::stripe::{Account, CLOVER, Delivery, Fault, Payload, Resource};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, World, wait};
use crate::support::Result;

fn an_account() -> Account {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(BEGIN + HOUR, 5000, "jpy");
    account.subscription_payment(BEGIN + 2 * HOUR, 2500, "usd");
    account.refund(&payment, BEGIN + 3 * HOUR, 1000);
    account
}

fn deliveries(world: &World, payload: Payload) -> Vec<Delivery> {
    world.stripe.account().deliveries(payload).collect()
}

fn events(world: &World, state: Option<&'static str>) -> Result<Vec<Event>> {
    let filter = EventFilter::last(1000, Selection { state, ..Selection::default() });
    Ok(wait(world.store.events(&filter))??)
}

fn fetch_all(world: &World) -> Result {
    while world.fetch()? > 0 {}
    Ok(())
}

#[test]
fn thin_events_alone_are_enough() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    for delivery in deliveries(&world, Payload::Thin) {
        world.deliver(&delivery)?;
    }
    assert!(!events(&world, Some("awaiting_object"))?.is_empty());
    assert_eq!(world.ledger()?, []);
    fetch_all(&world)?;
    assert_eq!(events(&world, Some("awaiting_object"))?, []);
    // The payment that no session proves to be without an invoice needs one look-up of its links.
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    assert!(!world.alerts()?.contains(&"events_not_delivered".to_owned()), "{:?}", world.alerts()?);
    Ok(())
}

#[test]
fn thin_and_snapshot_of_one_happening_have_one_effect_in_every_order() -> Result {
    for thin_first in [true, false] {
        let world = World::new(an_account())?;
        world.at(BEGIN + DAY);
        let thin = deliveries(&world, Payload::Thin);
        let snapshots = deliveries(&world, Payload::Snapshot(CLOVER));
        let [first, second] = if thin_first { [thin, snapshots] } else { [snapshots, thin] };
        for delivery in first {
            world.deliver(&delivery)?;
        }
        fetch_all(&world)?;
        for delivery in second {
            world.deliver(&delivery)?;
        }
        fetch_all(&world)?;
        assert_eq!(world.ledger()?, world.truth(), "thin first: {thin_first}");
        assert_eq!(events(&world, Some("awaiting_object"))?, []);
    }
    Ok(())
}

#[test]
fn an_event_that_stripe_could_not_make_leads_to_its_object() -> Result {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(BEGIN + HOUR, 5000, "jpy");
    for event_type in ["payment_intent.succeeded", "charge.succeeded"] {
        let event = account.event(event_type, &payment).map(|it| it.id.clone());
        event.into_iter().for_each(|it| account.never_made(&it));
    }
    let lost = account.event("payment_intent.succeeded", &payment).ok_or("an event")?.id.clone();
    account.report_never_made(BEGIN + 2 * HOUR, &lost);
    let world = World::new(account)?;
    world.at(BEGIN + DAY);
    let told = deliveries(&world, Payload::Thin);
    let told = told.iter().find(|it| it.event_type.starts_with("v2.core.health")).ok_or("told")?;
    world.deliver(told)?;
    assert_eq!(events(&world, Some("awaiting_object"))?.len(), 1);
    fetch_all(&world)?;
    assert_eq!(world.ledger()?.len(), 1);
    assert_eq!(events(&world, Some("processed"))?.len(), 1);
    Ok(())
}

#[test]
fn what_cannot_be_fetched_now_is_fetched_later_and_what_is_gone_is_dead() -> Result {
    let world = World::new(an_account())?;
    world.at(BEGIN + DAY);
    for delivery in deliveries(&world, Payload::Thin) {
        world.deliver(&delivery)?;
    }
    // Subscriptions are not fetched, because each donation comes with its invoice.
    let awaiting = events(&world, Some("awaiting_object"))?;
    let awaiting = awaiting.iter().filter(|it| !it.event_type.as_str().contains("subscription"));
    let awaiting = awaiting.count();
    for look in Resource::ALL {
        world.stripe.always(look, Fault::NotAllowed);
    }
    fetch_all(&world)?;
    assert_eq!(events(&world, Some("awaiting_object"))?.len(), awaiting);
    assert!(world.alerts()?.contains(&"stripe_unreadable:payment_intents".to_owned()));
    for look in Resource::ALL {
        world.stripe.always(look, Fault::None);
    }
    assert_eq!(world.fetch()?, 0, "not before its time");
    world.at(world.now() + MINUTE);
    fetch_all(&world)?;
    assert_eq!(events(&world, Some("awaiting_object"))?, []);
    assert_eq!(world.alerts()?, Vec::<String>::new());

    let other = World::new(Account::live(CLOVER))?;
    other.at(BEGIN + DAY);
    let strangers = deliveries(&world, Payload::Thin);
    let stranger = strangers.iter().find(|it| it.event_type == "v1.invoice.paid").ok_or("one")?;
    other.deliver(stranger)?;
    fetch_all(&other)?;
    let dead = events(&other, Some("dead"))?;
    assert_eq!(dead[0].state.reason(), Some("object_missing"));
    assert!(other.alerts()?.contains(&"event_dead".to_owned()));
    Ok(())
}
