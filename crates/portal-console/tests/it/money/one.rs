//! One donation, found by any id that belongs to it.

use http::StatusCode;
use portal_contract::stripe::{charge, new, old, payment, refund};
use portal_testkit::Result;

use super::{gift, gifts};
use crate::support::Console;

#[test]
fn a_donation_is_found_by_any_id_that_belongs_to_it() -> Result {
    let console = Console::new(&[])?;
    let told = [
        old(0, "payment_intent.succeeded", payment("pi_1", "succeeded")).known_as("evt_1"),
        old(0, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")).known_as("evt_2"),
        old(9, "refund.created", refund("re_1", "pi_1", "succeeded", 300)).known_as("evt_3"),
    ];
    console.record(told.iter().map(|it| it.event()))?;
    for id in ["pi_1", "ch_1", "re_1", "evt_1", "evt_3"] {
        let answer = console.get(&format!("/ops/donations/{id}")).answer()?;
        assert_eq!(answer.status, StatusCode::OK, "{id}");
        for text in [
            "<h1>Donation of 1,000 JPY</h1>",
            "net 700 JPY",
            "-300 JPY",
            "data-copy=\"pi_1\"",
            "href=\"https://dashboard.stripe.com/payments/pi_1\"",
            "href=\"/ops/events/evt_1\"",
            "href=\"/ops/events/evt_3\"",
            "partly refunded",
            "not yet: no comparison has come to it",
        ] {
            assert!(answer.says(text), "{id}: {text}: {}", answer.body);
        }
    }
    let page = console.get("/ops/donations/re_1?lang=ja").answer()?;
    for text in ["1,000 円の寄付", "差引額 700 円", "一部返金", "含みます", "イベントの履歴"]
    {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    Ok(())
}

#[test]
fn an_unknown_id_says_where_it_was_looked_for_and_is_not_repeated() -> Result {
    let console = Console::new(&[])?;
    console.record(gifts(1))?;
    for id in ["pi_canary", "evt_canary", "a%20canary", "canary@example.org"] {
        let answer = console.get(&format!("/ops/donations/{id}")).answer()?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
        assert!(answer.says("Looked in the inbox, the ledger"), "{id}: {}", answer.body);
    }
    Ok(())
}

#[test]
fn a_donation_says_if_it_is_in_the_totals_and_why_not() -> Result {
    let console = Console::new(&[])?;
    let failed = payment("pi_failed", "requires_payment_method");
    let failed = failed.with("last_payment_error", serde_json::json!({"code": "card_declined"}));
    console.record([
        old(1, "payment_intent.payment_failed", failed).known_as("evt_1").event(),
        new(2, "payment_intent.succeeded", payment("pi_maybe", "succeeded"))
            .known_as("evt_2")
            .event(),
        gift(3, payment("pi_test", "succeeded")).in_test_mode().event(),
        gift(4, payment("pi_paid", "succeeded")).event(),
    ])?;
    for (id, text) in [
        ("pi_failed", "no: the payment failed or expired"),
        ("pi_maybe", "no: it is provisional"),
        ("pi_test", "yes, in those of test mode"),
        ("pi_paid", "<dd>yes</dd>"),
    ] {
        let answer = console.get(&format!("/ops/donations/{id}")).answer()?;
        assert!(answer.says(text), "{id}: {}", answer.body);
    }
    let of_test = console.get("/ops/donations/pi_test").answer()?;
    assert!(of_test.says("https://dashboard.stripe.com/test/payments/pi_test"));
    Ok(())
}
