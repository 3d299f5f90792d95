use portal_domain::alert::LikelyCause;
use portal_domain::{Action, Alert, DeadReason, DisputeState, EnumWord};
use portal_outbound::{Language, text};

use crate::support::{
    connected_accounts_only, digest, dispute, event_dead, notification, refund_failed, refusals,
    silence, store_unavailable,
};
use crate::{assert_resolved, assert_text};

const EN: Language = Language::En;

#[test]
fn event_dead_says_why() {
    assert_text(
        event_dead(DeadReason::LedgerFailed),
        EN,
        "The ledger could not take an event: evt_1 (invoice.paid), because the database did not take what it changes, or working that out failed (ledger_failed).
First: repair what the log names, then have it tried again:
donation-portal events list --state dead
donation-portal events retry --state dead --yes
Noticed at 2026-11-22T13:50:00Z.
runbook: event_dead",
    );
    assert_text(
        event_dead(DeadReason::FactsMissing),
        EN,
        "The ledger could not take an event: evt_1 (invoice.paid), because it lacks an id, an amount, a currency or a status (facts_missing).
First: look it up in Stripe's Dashboard, and report it as a bug. After an update, have it tried again:
donation-portal events list --state dead
donation-portal events retry --state dead --yes
Noticed at 2026-11-22T13:50:00Z.
runbook: event_dead",
    );
    let out_of_range = notification(event_dead(DeadReason::AmountOutOfRange), Action::Trigger, 1);
    let because = "because an amount is negative or too large (amount_out_of_range).";
    assert!(text(&out_of_range, EN).contains(because));
}

#[test]
fn what_was_noticed_more_than_once_says_how_often() {
    let text = text(&notification(silence(), Action::Trigger, 3), EN);
    let end = "Noticed 3 times since 2026-11-22T13:50:00Z.\nrunbook: silence";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn signature_refusals_name_the_likely_cause() {
    assert_text(
        refusals(LikelyCause::WrongSecret),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: a wrong secret.
First: was a secret rolled? Compare with the endpoint's page in Stripe's Dashboard. Stripe sends the events again.
donation-portal config
Noticed at 2026-11-22T13:50:00Z.
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Clock),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: a wrong clock.
First: set this machine's clock right (NTP). Stripe sends the events again.
timedatectl
Noticed at 2026-11-22T13:50:00Z.
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Scanner),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: not sent by Stripe.
First: nothing, unless Stripe's Dashboard shows failed deliveries; then look for a proxy that removes the header.
Noticed at 2026-11-22T13:50:00Z.
runbook: signature_refusals",
    );
}

#[test]
fn store_unavailable_sends_to_the_disk() {
    assert_text(
        store_unavailable(),
        EN,
        "Events cannot be stored (store_full). Deliveries answered 503 so far: 7.
First: look at the database's disk: room, rights, errors. Stripe sends the events again.
Noticed at 2026-11-22T13:50:00Z.
runbook: store_unavailable",
    );
}

#[test]
fn a_dispute_is_to_be_answered() {
    assert_text(
        dispute(DisputeState::Inquiry, true),
        EN,
        "A donor's bank asks about a payment: 5,000 JPY, pi_1 (du_1). No money has moved.
First: answer in Stripe's Dashboard, before the deadline that stands there.
donation-portal donations show pi_1
Noticed at 2026-11-22T13:50:00Z.
runbook: dispute",
    );
    let first_line = |state| {
        let text = text(&notification(dispute(state, false), Action::Trigger, 1), EN);
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        first_line(DisputeState::Open),
        "[test] A donor's bank contests a payment: 5,000 JPY, pi_1 (du_1). The bank has taken the money.",
    );
    assert_eq!(
        first_line(DisputeState::Won),
        "[test] A dispute was won: 5,000 JPY, pi_1 (du_1). The money is back.",
    );
    assert_eq!(
        first_line(DisputeState::Lost),
        "[test] A dispute was lost: 5,000 JPY, pi_1 (du_1). The money is gone.",
    );
}

#[test]
fn a_failed_refund_needs_another_way() {
    assert_text(
        refund_failed(false),
        EN,
        "[test] A refund did not reach the donor: 12.34 USD, pi_1 (re_1). The money is back in the account.
First: agree with the donor on another way to give it back.
donation-portal donations show pi_1
Noticed at 2026-11-22T13:50:00Z.
runbook: refund_failed",
    );
}

#[test]
fn silence_sends_to_the_dashboard() {
    assert_text(
        silence(),
        EN,
        "No event has come since 2026-11-22T13:50:00Z. The longest silence before was 5 h.
First: look in Stripe's Dashboard for failed deliveries or a disabled endpoint, then at the tunnel.
donation-portal events list --limit 3
Noticed at 2026-11-22T13:50:00Z.
runbook: silence",
    );
}

#[test]
fn where_only_connected_accounts_are_told_of_the_own_account_needs_an_endpoint() {
    assert_text(
        connected_accounts_only(Some("acct_1")),
        EN,
        "No donation is recorded: events about money come from connected accounts only (acct_1), and are ignored. They were 12 in four weeks, the last at 2026-11-22T13:50:00Z.
First: if that account is your own, register an endpoint in that account itself, for its own events, in place of one for connected accounts or an organization.
donation-portal doctor
Noticed at 2026-11-22T13:50:00Z.
runbook: connected_accounts_only",
    );
    let text = text(&notification(connected_accounts_only(None), Action::Trigger, 1), EN);
    assert!(text.contains("connected accounts only, and are ignored."), "{text}");
}

#[test]
fn a_test_asks_for_nothing() {
    let expected = "This is a test of the alerts. This channel works; there is nothing to do.";
    assert_text(Alert::Test, EN, expected);
}

#[test]
fn each_end_is_told() {
    for (alert, over) in [
        (event_dead(DeadReason::FactsMissing), "no event is dead any more."),
        (refusals(LikelyCause::Clock), "signatures are as usual again."),
        (store_unavailable(), "events can be stored again. Stripe sends those that were refused."),
        (
            dispute(DisputeState::Inquiry, true),
            "the bank's question about pi_1 (du_1) is no longer open.",
        ),
        (
            dispute(DisputeState::Open, true),
            "the dispute about pi_1 (du_1) is no longer open. How it ended stands in Stripe's Dashboard.",
        ),
        (refund_failed(true), "the failed refund of pi_1 (re_1)."),
        (silence(), "events come in again."),
        (
            connected_accounts_only(None),
            "events about money of the portal's own account have come.",
        ),
        (digest(Vec::new()), "the digest of 2026-11-21."),
        (Alert::Test, "the test of the alerts."),
    ] {
        let expected = format!("Resolved: {over}\nNoticed at 2026-11-22T13:50:00Z.");
        assert_resolved(alert, EN, &expected);
    }
    let test = text(&notification(refund_failed(false), Action::Resolve, 1), EN);
    assert!(test.starts_with("[test] Resolved: "), "{test}");
}

#[test]
fn an_allowance_that_is_used_up_says_until_when() {
    let reason = EnumWord::new("store_quota_exhausted").unwrap();
    let used_up = Alert::StoreUnavailable { reason, refused: 3 };
    let text = text(&notification(used_up, Action::Trigger, 1), EN);
    assert!(
        text.contains("the day's rows at Cloudflare are used up, until midnight UTC"),
        "{text}"
    );
}
