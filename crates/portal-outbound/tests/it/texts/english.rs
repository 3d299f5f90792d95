use portal_domain::alert::LikelyCause;
use portal_domain::{Action, Alert, DeadReason, DisputeState, EnumWord};
use portal_outbound::{Language, text};

use crate::notifications::{
    connected_accounts_only, digest, dispute, event_dead, notification, refund_failed, refusals,
    silence, store_unavailable,
};
use crate::texts::{assert_resolved, assert_text};

const EN: Language = Language::En;

#[test]
fn event_dead_states_the_reason() {
    assert_text(
        event_dead(DeadReason::LedgerFailed),
        EN,
        "Event evt_1 (invoice.paid) could not be processed: its changes could not be written or decided (ledger_failed).
First: repair the cause that the log names, then retry:
donation-portal events list --state dead
donation-portal events retry --state dead --yes
Noticed at 2026-11-22T13:50:00Z.
runbook: event_dead",
    );
    assert_text(
        event_dead(DeadReason::FactsMissing),
        EN,
        "Event evt_1 (invoice.paid) could not be processed: an id, an amount, a currency or a status is missing (facts_missing).
First: look it up in Stripe's Dashboard, and report it as a bug. Retry it after an update:
donation-portal events list --state dead
donation-portal events retry --state dead --yes
Noticed at 2026-11-22T13:50:00Z.
runbook: event_dead",
    );
    let out_of_range = notification(event_dead(DeadReason::AmountOutOfRange), Action::Trigger, 1);
    let because = ": an amount is negative or too large (amount_out_of_range).";
    assert!(text(&out_of_range, EN).contains(because));
}

#[test]
fn a_problem_noticed_more_than_once_states_the_number() {
    let text = text(&notification(silence(), Action::Trigger, 3), EN);
    let end = "Noticed 3 times since 2026-11-22T13:50:00Z.\nrunbook: silence";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn signature_refusals_name_the_likely_cause() {
    assert_text(
        refusals(LikelyCause::WrongSecret),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: a wrong signing secret.
First: check if the signing secret was rolled: compare STRIPE_WEBHOOK_SECRET with the endpoint's page in Stripe's Dashboard. Stripe sends the events again.
donation-portal config
Noticed at 2026-11-22T13:50:00Z.
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Clock),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: a wrong clock.
First: correct this machine's clock (NTP). Stripe sends the events again.
timedatectl
Noticed at 2026-11-22T13:50:00Z.
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Scanner),
        EN,
        "12 deliveries within 5 min were refused for their signature. Likely cause: not sent by Stripe.
First: no action is needed unless Stripe's Dashboard shows failed deliveries; then look for a proxy that removes the header.
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
First: check the database's disk: free space, permissions, errors. Stripe sends the events again.
Noticed at 2026-11-22T13:50:00Z.
runbook: store_unavailable",
    );
}

#[test]
fn a_dispute_is_to_be_answered() {
    assert_text(
        dispute(DisputeState::Inquiry, true),
        EN,
        "A donor's bank inquires about a payment: 5,000 JPY, pi_1 (du_1). No money has moved.
First: respond in Stripe's Dashboard before the deadline shown there.
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
        "[test] A payment is disputed: 5,000 JPY, pi_1 (du_1). The bank has withdrawn the money.",
    );
    assert_eq!(
        first_line(DisputeState::Won),
        "[test] A dispute was won: 5,000 JPY, pi_1 (du_1). The money is back.",
    );
    assert_eq!(
        first_line(DisputeState::Lost),
        "[test] A dispute was lost: 5,000 JPY, pi_1 (du_1). The money will not come back.",
    );
}

#[test]
fn a_failed_refund_needs_another_way() {
    assert_text(
        refund_failed(false),
        EN,
        "[test] A refund failed: 12.34 USD, pi_1 (re_1). The money is back in the account.
First: agree with the donor on another way to return the money.
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
        "No event was received since 2026-11-22T13:50:00Z. The longest silence before was 5 h.
First: check Stripe's Dashboard for failed deliveries or a disabled endpoint, then the tunnel.
donation-portal events list --limit 3
Noticed at 2026-11-22T13:50:00Z.
runbook: silence",
    );
}

#[test]
fn events_of_connected_accounts_only_need_an_endpoint_of_the_own_account() {
    assert_text(
        connected_accounts_only(Some("acct_1")),
        EN,
        "No donations are recorded: all events about money come from connected accounts (acct_1) and are ignored (12 in four weeks, the last at 2026-11-22T13:50:00Z).
First: if that account is your own, register an endpoint in it for its own events, instead of one for connected accounts or an organization.
donation-portal doctor
Noticed at 2026-11-22T13:50:00Z.
runbook: connected_accounts_only",
    );
    let text = text(&notification(connected_accounts_only(None), Action::Trigger, 1), EN);
    assert!(text.contains("connected accounts and are ignored (12"), "{text}");
}

#[test]
fn a_test_asks_for_nothing() {
    let expected = "This is a test alert. The channel works; no action is needed.";
    assert_text(Alert::Test, EN, expected);
}

#[test]
fn each_end_is_notified() {
    for (alert, over) in [
        (event_dead(DeadReason::FactsMissing), "no event is dead."),
        (refusals(LikelyCause::Clock), "few or no signatures are refused now."),
        (store_unavailable(), "events can be stored again. Stripe sends the refused ones again."),
        (dispute(DisputeState::Inquiry, true), "the inquiry about pi_1 (du_1) is closed."),
        (
            dispute(DisputeState::Open, true),
            "the dispute about pi_1 (du_1) is closed. Stripe's Dashboard shows its outcome.",
        ),
        (refund_failed(true), "the failed refund of pi_1 (re_1) is closed."),
        (silence(), "events are received again."),
        (
            connected_accounts_only(None),
            "an event about money of the portal's own account was received.",
        ),
        (digest(Vec::new()), "the digest of 2026-11-21 is closed."),
        (Alert::Test, "the test alert is closed."),
    ] {
        let expected = format!("Resolved: {over}\nNoticed at 2026-11-22T13:50:00Z.");
        assert_resolved(alert, EN, &expected);
    }
    let test = text(&notification(refund_failed(false), Action::Resolve, 1), EN);
    assert!(test.starts_with("[test] Resolved: "), "{test}");
}

#[test]
fn a_used_up_quota_states_its_end() {
    let reason = EnumWord::new("store_quota_exhausted").unwrap();
    let used_up = Alert::StoreUnavailable { reason, refused: 3 };
    let text = text(&notification(used_up, Action::Trigger, 1), EN);
    assert!(text.contains("row limit of the day is used up until midnight UTC"), "{text}");
}
