//! Rare kinds of payments: a correct ledger has no difference, day after day.

use portal_domain::report::{Difference, Finding, Verdict};
use portal_testkit::stripe::{ACACIA, Account, CLOVER, Fault, Payload, Release, Resource};

use crate::reconcile::world::{BEGIN, DAY, HOUR, World};
use crate::support::Result;

/// Delivers the account's events that `arrives` accepts, and reconciles the same objects on two days.
/// Returns the findings of the reports.
fn reconciled(
    account: Account,
    endpoint: &'static str,
    arrives: impl Fn(&str) -> bool,
) -> Result<Vec<Finding>> {
    let world = World::new(account)?;
    world.at(BEGIN + 12 * HOUR);
    let deliveries: Vec<_> =
        world.stripe.account().deliveries(Payload::Snapshot(endpoint)).collect();
    for delivery in deliveries.iter().filter(|it| arrives(&it.event_type)) {
        world.deliver(delivery)?;
    }
    for day in [1, 2] {
        world.at(BEGIN + day * DAY);
        world.tend()?;
    }
    assert_eq!(world.ledger()?, world.truth());
    let reports = world.reports()?;
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().all(|it| it.verdict() == Verdict::Complete), "{reports:#?}");
    Ok(reports.into_iter().rev().flat_map(|it| it.findings).collect())
}

#[test]
fn a_refund_of_a_payment_for_two_invoices_is_no_difference() -> Result {
    let mut account = Account::live(CLOVER);
    let [first, second] =
        [1000, 600].map(|amount| account.open_invoice(BEGIN + 4 * HOUR, amount, "jpy"));
    // The first invoice is greater than the whole payment, which belongs to both invoices.
    account.pay_invoices(BEGIN + 5 * HOUR, &[(&first, 600)]);
    let payment = account.pay_invoices(BEGIN + 6 * HOUR, &[(&first, 400), (&second, 600)]);
    account.refund(&payment, BEGIN + 7 * HOUR, 500);
    assert_eq!(reconciled(account, CLOVER, |_| true)?, []);
    Ok(())
}

#[test]
fn an_invoice_that_is_open_and_paid_in_part_is_no_difference() -> Result {
    let mut account = Account::live(CLOVER);
    let invoice = account.open_invoice(BEGIN + 4 * HOUR, 1000, "jpy");
    account.pay_invoices(BEGIN + 5 * HOUR, &[(&invoice, 300)]);
    account.pay_invoices(BEGIN + 6 * HOUR, &[(&invoice, 200)]);
    assert_eq!(reconciled(account, CLOVER, |_| true)?, []);
    Ok(())
}

#[test]
fn an_invoice_that_is_paid_too_much_is_no_difference() -> Result {
    let mut account = Account::live(CLOVER);
    let [once, twice] = [1, 2].map(|_| account.open_invoice(BEGIN + 4 * HOUR, 1000, "jpy"));
    account.overpay_invoice(BEGIN + 5 * HOUR, &once, 300);
    account.pay_invoices(BEGIN + 5 * HOUR, &[(&twice, 1000)]);
    account.pay_invoices(BEGIN + 6 * HOUR, &[(&twice, 1000)]);
    assert_eq!(reconciled(account, CLOVER, |_| true)?, []);
    Ok(())
}

#[test]
fn an_overpayment_is_found_if_only_the_link_was_delivered() -> Result {
    let mut account = Account::live(CLOVER);
    let invoice = account.open_invoice(BEGIN + 4 * HOUR, 1000, "jpy");
    let payment = account.overpay_invoice(BEGIN + 5 * HOUR, &invoice, 300);
    let charge = account.events().find(|it| it.event_type == "charge.succeeded");
    let charge = charge.ok_or("a charge")?.id.clone();
    let paid = account.event("payment_intent.succeeded", &payment).ok_or("a payment")?.id.clone();
    [charge, paid].iter().for_each(|it| account.never_made(it));
    let found = reconciled(account, CLOVER, |_| true)?;
    let found: Vec<_> = found.into_iter().map(|it| (it.difference, it.repaired)).collect();
    assert_eq!(found, [(Difference::Amount, true)]);
    Ok(())
}

#[test]
fn a_released_authorization_is_no_refund_even_if_only_the_refund_is_delivered() -> Result {
    // An old version names no invoice, so the payment is compared at once.
    for (endpoint, never_made) in [(ACACIA, true), (ACACIA, false), (CLOVER, true)] {
        let mut account = Account::live(CLOVER);
        let payment = account.hold(BEGIN + 4 * HOUR, 1000, "jpy");
        account.capture(&payment, BEGIN + 5 * HOUR, 700, Release::Refund);
        let refund = account.events().find(|it| it.event_type == "refund.created");
        let refund = refund.ok_or("a refund")?.id.clone();
        if never_made {
            account.never_made(&refund);
        }
        let found = reconciled(account, endpoint, |it| it != "charge.captured")?;
        // Until the charge has been read, its Refund counts as a refund.
        let due: &[_] = if never_made { &[] } else { &[(Difference::Refunded, true)] };
        let found: Vec<_> = found.into_iter().map(|it| (it.difference, it.repaired)).collect();
        assert_eq!(found, due, "{endpoint}, never made: {never_made}");
    }
    Ok(())
}

#[test]
fn a_payment_for_two_invoices_that_stood_by_itself_was_counted_twice_once() -> Result {
    let mut account = Account::live(ACACIA);
    let [first, second] = [1, 2].map(|_| account.open_invoice(BEGIN + 4 * HOUR, 1000, "jpy"));
    let payment = account.pay_invoices(BEGIN + 5 * HOUR, &[(&first, 1000), (&second, 1000)]);
    let found = reconciled(account, ACACIA, |_| true)?;
    let found: Vec<_> = found.iter().map(|it| (it.object.as_str(), it.difference)).collect();
    assert_eq!(found, [(payment.as_str(), Difference::CountedTwice)]);
    Ok(())
}

#[test]
fn thin_events_have_the_rarer_shapes_as_well() -> Result {
    let mut account = Account::live(CLOVER);
    let at = BEGIN + 4 * HOUR;
    let held = account.hold(at, 1000, "jpy");
    account.capture(&held, at + HOUR, 700, Release::Refund);
    let [first, second] = [1, 2].map(|_| account.open_invoice(at, 1000, "jpy"));
    let payment = account.pay_invoices(at + HOUR, &[(&first, 400), (&second, 1300)]);
    account.refund(&payment, at + 2 * HOUR, 701);
    account.void_invoice(&first, at + 3 * HOUR);
    let not_taken = account.refund(&held, at + 2 * HOUR, 100);
    account.end_in_cash_balance(&not_taken, at + 3 * HOUR);
    account.one_time_with_receipt(at, HOUR, 1000, "jpy");
    let cash = account.out_of_band(at, 1000, "jpy");
    account.credit_out_of_band(&cash, at + HOUR, 300);
    let mistaken = account.credit_out_of_band(&cash, at + HOUR, 200);
    account.void_credit_note(&mistaken, at + 2 * HOUR);
    account.refund_cash_balance(at, 1000, "jpy");
    let world = World::new(account)?;
    world.at(BEGIN + DAY);
    let thin: Vec<_> = world.stripe.account().deliveries(Payload::Thin).collect();
    for delivery in &thin {
        world.deliver(delivery)?;
    }
    while world.fetch()? > 0 {}
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    // No event is dead, which would be an alert.
    assert_eq!(world.alerts()?, ["endpoint:missing"]);
    Ok(())
}

#[test]
fn a_gift_is_in_no_total_until_the_invoice_comes_that_checkout_makes_of_it() -> Result {
    let mut account = Account::live(CLOVER);
    let receipt = account.one_time_with_receipt(BEGIN + 4 * HOUR, HOUR, 1000, "jpy");
    let deliveries: Vec<_> = account.deliveries(Payload::Snapshot(CLOVER)).collect();
    let world = World::new(account)?;
    world.at(BEGIN + 12 * HOUR);
    for delivery in deliveries.iter().filter(|it| !it.event_type.starts_with("invoice")) {
        world.deliver(delivery)?;
    }
    let kinds: Vec<_> = world.ledger()?.into_iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(kinds, [(receipt.payment_intent, "provisional")]);
    Ok(())
}

#[test]
fn a_lost_credit_note_is_found_though_the_first_look_at_the_events_failed() -> Result {
    let mut account = Account::live(CLOVER);
    let cash = account.out_of_band(BEGIN + 4 * HOUR, 1000, "jpy");
    account.credit_out_of_band(&cash, BEGIN + 5 * HOUR, 300);
    let world = World::new(account)?;
    for (hours, fault) in [(0, Fault::Failing { should_retry: None }), (2, Fault::None)] {
        // The credit note was made on the first day that is compared.
        world.at(BEGIN + 3 * DAY + hours * HOUR);
        world.stripe.always(Resource::Events, fault);
        world.tend()?;
    }
    assert_eq!(world.ledger()?, world.truth());
    assert_eq!(world.reports()?.remove(0).verdict(), Verdict::Complete);
    Ok(())
}
