//! Notifications for tests.

use portal_domain::alert::{ArrivedPayouts, Digest, LikelyCause, ReportSummary};
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::report::Verdict;
use portal_domain::{
    AccountPath, Action, Alert, Currency, DeadReason, DisputeState, EnumWord, EventId, EventType,
    Kind, Notification, NotifyError, ObjectId, Total, UnixSeconds, Window,
};

/// 2026-11-22T13:50:00Z
pub(crate) const SINCE: i64 = 1_795_355_400;

/// Returns a notification of `alert`, noticed `count` times in 51 seconds.
pub(crate) fn notification(alert: Alert, action: Action, count: u64) -> Notification {
    let at = |seconds| UnixSeconds::new(seconds).unwrap();
    let changed_at = at(SINCE + 51);
    Notification { action, count, changed_at, ..Notification::first(alert, at(SINCE)) }
}

pub(crate) fn event_dead(reason: DeadReason) -> Alert {
    Alert::EventDead {
        event: EventId::new("evt_1").unwrap(),
        event_type: EventType::new("invoice.paid").unwrap(),
        reason,
        missing: (reason == DeadReason::FactsMissing).then(|| EnumWord::new("currency")).flatten(),
    }
}

pub(crate) fn refusals(cause: LikelyCause) -> Alert {
    let (accepted, ahead_seconds) = match cause {
        LikelyCause::WrongSecret => (0, None),
        LikelyCause::Clock => (0, Some(600)),
        LikelyCause::Forged | LikelyCause::Scanner => (14, None),
    };
    Alert::SignatureRefusals { count: 2000, accepted, window_seconds: 300, cause, ahead_seconds }
}

pub(crate) fn store_unavailable() -> Alert {
    Alert::StoreUnavailable {
        reason: EnumWord::new("store_full").unwrap(),
        began_at: UnixSeconds::default(),
        refused: 7,
        free_bytes: Some(4096),
    }
}

pub(crate) fn dispute(state: DisputeState, livemode: bool) -> Alert {
    Alert::Dispute {
        dispute: object("du_1"),
        payment: object("pi_1"),
        state,
        amount: 5000,
        currency: currency("jpy"),
        livemode,
    }
}

pub(crate) fn refund_failed(livemode: bool) -> Alert {
    Alert::RefundFailed {
        refund: object("re_1"),
        payment: object("pi_1"),
        amount: 1234,
        currency: currency("usd"),
        livemode,
    }
}

pub(crate) fn channel_failing(why: NotifyError) -> Alert {
    Alert::ChannelFailing { channel: EnumWord::new("slack-1").unwrap(), why }
}

pub(crate) fn silence() -> Alert {
    let last_received_at = UnixSeconds::new(SINCE).unwrap();
    Alert::Silence { last_received_at, usual_seconds: 5 * 3600 }
}

pub(crate) fn connected_accounts_only(account: Option<&str>) -> Alert {
    let account = account.and_then(AccountPath::new);
    let last_received_at = UnixSeconds::new(SINCE).unwrap();
    Alert::ConnectedAccountsOnly { account, events: 12, last_received_at }
}

pub(crate) fn endpoint(problem: EndpointProblem) -> Alert {
    let endpoint = (problem != EndpointProblem::Missing).then(|| object("we_1"));
    Alert::Endpoint { problem, endpoint }
}

pub(crate) fn events_not_delivered() -> Alert {
    Alert::EventsNotDelivered { events: 3, oldest_seconds: 900 }
}

pub(crate) fn reconciliation_incomplete() -> Alert {
    Alert::ReconciliationIncomplete { open: 2, unread: 1 }
}

/// Returns report 12, in which every other number is `donations`.
pub(crate) fn summary(verdict: Verdict, donations: u64) -> ReportSummary {
    let until = UnixSeconds::new(SINCE).unwrap();
    let since = UnixSeconds::new(SINCE - 3 * 86_400).unwrap();
    ReportSummary {
        number: 12,
        window: Window { since, until },
        verdict,
        shown: donations,
        here: donations,
        repaired: donations,
        open: donations,
    }
}

pub(crate) fn digest(totals: Vec<Total>) -> Alert {
    reported(totals, None)
}

/// Returns a digest with the summary of the last completeness report.
pub(crate) fn reported(totals: Vec<Total>, report: Option<ReportSummary>) -> Alert {
    let day = EnumWord::new("2026-11-21").unwrap();
    Alert::Digest(Digest {
        day,
        totals,
        pending: 1,
        failed: 2,
        provisional: 3,
        awaiting_object: 4,
        dead: 5,
        payouts: vec![ArrivedPayouts {
            currency: currency("jpy"),
            livemode: true,
            count: 2,
            explained: 1,
            amount: 30_641,
        }],
        report,
    })
}

pub(crate) fn total(name: &str, kind: Kind, livemode: bool, count: u64, gross: i64) -> Total {
    let currency = currency(name);
    Total { currency, kind, livemode, count, gross, refunded: 0, lost: 0, net: gross }
}

fn object(id: &str) -> ObjectId {
    ObjectId::new(id).unwrap()
}

fn currency(name: &str) -> Currency {
    Currency::new(name).unwrap()
}
