use portal_domain::alert::LikelyCause;
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::{
    Action, Alert, DeadReason, DisputeState, NotifyError, ReadError, Resource, UnixSeconds,
};

use crate::notifications::{
    channel_failing, connected_accounts_only, digest, dispute, endpoint, event_dead,
    events_not_delivered, reconciliation_incomplete, refund_failed, refusals, silence,
    store_unavailable,
};
use crate::texts::assert_notified;

#[test]
fn each_end_is_notified() {
    let unread = Alert::StripeUnreadable { resource: Resource::Events, why: ReadError::TimedOut };
    let alerts = [
        ("dead event", event_dead(DeadReason::FactsMissing)),
        ("refused signatures", refusals(LikelyCause::Clock)),
        ("store", store_unavailable()),
        ("inquiry", dispute(DisputeState::Inquiry, true)),
        ("dispute", dispute(DisputeState::Open, true)),
        ("failed refund", refund_failed(true)),
        ("failed refund of test mode", refund_failed(false)),
        ("silence", silence()),
        ("events of connected accounts only", connected_accounts_only(None)),
        ("endpoint", endpoint(EndpointProblem::Disabled)),
        ("events that were not delivered", events_not_delivered()),
        ("Stripe's API", unread),
        ("reconciliation", reconciliation_incomplete()),
        ("channel", channel_failing(NotifyError::TimedOut)),
        ("digest", digest(Vec::new())),
        ("test", Alert::test(UnixSeconds::default())),
    ];
    let ended = alerts.map(|(name, alert)| (name.to_owned(), alert, Action::Resolve));
    assert_notified("endings.txt", 0..2, ended);
}
