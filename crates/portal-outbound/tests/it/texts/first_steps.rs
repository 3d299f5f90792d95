use portal_domain::{
    Alert, EnumWord, NotifyError, ReadError, Resource, SlackError, StoreError, UnixSeconds,
};

use crate::notifications::channel_failing;
use crate::texts::assert_texts;

#[test]
fn each_read_error_leads_to_its_remedy() {
    let errors = [
        ReadError::WrongKey,
        ReadError::BudgetSpent,
        ReadError::TooMany,
        ReadError::Failing { status: 503 },
        ReadError::TimedOut,
        ReadError::Unreachable,
        ReadError::NotCounted,
        ReadError::NotFound,
        ReadError::Refused { status: 400 },
        ReadError::Unreadable,
    ];
    let alert = |why| Alert::StripeUnreadable { resource: Resource::Events, why };
    let alerts = errors.map(|why| (why.name().to_owned(), alert(why)));
    assert_texts("read_errors.txt", 0..2, alerts);
}

#[test]
fn each_reason_of_an_outage_leads_to_its_remedy() {
    let reasons = StoreError::NAMES.iter().copied().chain(["queue_full", "deadline_passed"]);
    let alert = |reason| Alert::StoreUnavailable {
        reason: EnumWord::new(reason).unwrap(),
        began_at: UnixSeconds::default(),
        refused: 7,
        free_bytes: None,
    };
    assert_texts("outages.txt", 1..3, reasons.map(|it| (it.to_owned(), alert(it))));
}

#[test]
fn a_permission_that_is_missing_is_named_as_the_dashboard_names_it() {
    let alert = |resource| Alert::StripeUnreadable { resource, why: ReadError::NotAllowed };
    let alerts = Resource::ALL.iter().map(|&it| (it.name().to_owned(), alert(it)));
    assert_texts("permissions.txt", 1..2, alerts);
}

#[test]
fn each_failure_of_a_channel_leads_to_its_remedy() {
    let refused = |status, word| NotifyError::Refused { status, word };
    let failures = [
        ("archived", refused(410, Some(SlackError::ChannelIsArchived))),
        ("revoked", refused(404, Some(SlackError::NoService))),
        ("without a word", refused(403, None)),
        ("failing", refused(500, None)),
        ("limited", NotifyError::TooMany { retry_after: None }),
        ("timed out", NotifyError::TimedOut),
        ("unreachable", NotifyError::Unreachable),
    ];
    let alerts = failures.map(|(name, why)| (name.to_owned(), channel_failing(why)));
    assert_texts("channels.txt", 0..3, alerts);
}
