//! Comparing with Stripe now, and testing the channels: what is said before, who may, and what is left
//! for the service to do.

use http::StatusCode;
use portal_contract::{an_event, at, block_on};
use portal_domain::ports::ActionFilter;
use portal_domain::requested_run::{self, RequestedRun};
use portal_domain::{ActionResult, ActionRow, ActionVerb, AlertFilter, Event};

use crate::support::{ACT_TOKEN, Answer, Console, NOW, OPERATORS, READ_TOKEN, Result};

const KEY: (&str, &str) = ("STRIPE_SECRET_KEY", "rk_test_0123456789abcdef");

const CHANNELS: (&str, &str) =
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/0123456789abcdef");

/// The addresses of these acts; one of them takes hours.
const ACTS: [&str; 7] = [
    "/ops/reports/compare",
    "/ops/reports/cancel",
    "/ops/alerts/test",
    "/ops/api/v1/reconcile",
    "/ops/api/v1/reconcile/cancel",
    "/ops/api/v1/alerts/test",
    "/ops/api/v1/alerts/event_dead/silence",
];

fn trail(console: &Console) -> Result<Vec<(ActionVerb, Option<ActionResult>)>> {
    let rows = block_on(console.store.actions(&ActionFilter::default(), 100))?;
    let told = |it: ActionRow| (it.action.verb, it.outcome.map(|it| it.result));
    Ok(rows.into_iter().map(told).collect())
}

fn under_way(console: &Console) -> Result<Option<RequestedRun>> {
    Ok(block_on(requested_run::under_way(&*console.store, false))?)
}

fn compare(console: &Console, form: &str) -> Result<Answer> {
    console.form("/ops/reports/compare").send(form)
}

#[test]
fn a_comparison_says_what_it_costs_and_is_left_for_the_service() -> Result {
    let console = Console::new(&[OPERATORS, KEY])?;
    let cookie = console.sign_in(ACT_TOKEN)?;
    let open = |path: &str| console.get(path).with_cookie(&cookie).answer();
    assert!(open("/ops/reports")?.says("Compare now …"));
    let asked = open("/ops/reports/compare?since=2026-11-20&until=2026-11-21")?;
    assert!(asked.says("About 7 reads at Stripe") && asked.says("8000 are left"), "{}", asked.body);
    assert!(asked.says("2026-11-20 00:00") && asked.says("2026-11-22 00:00"), "{}", asked.body);
    assert_eq!(trail(&console)?, []);
    let sent = console.form("/ops/reports/compare").with_cookie(&cookie);
    let sent = sent.send("since=2026-11-20&until=2026-11-21")?;
    assert_eq!(
        (sent.status, sent.header("location")),
        (StatusCode::SEE_OTHER, "/ops/reports/progress")
    );
    let window = under_way(&console)?.ok_or("nothing is under way")?.run.report.window;
    assert_eq!(window.until.since(window.since), 2 * 24 * 3600);
    let progress = open("/ops/reports/progress")?;
    assert!(progress.says("Now reading") && progress.says(">events<"), "{}", progress.body);
    assert!(progress.says("Cancel the comparison"));
    assert!(open("/ops/reports/compare")?.says("under way already"));
    // Its entry has no outcome until it has ended.
    assert_eq!(trail(&console)?, [(ActionVerb::Reconcile, None)]);
    Ok(())
}

#[test]
fn of_two_comparisons_at_once_one_is_made_and_the_other_told_so() -> Result {
    let console = Console::new(&[KEY])?;
    assert_eq!(compare(&console, "")?.status, StatusCode::SEE_OTHER);
    let first = under_way(&console)?;
    let second = compare(&console, "since=yesterday")?;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.says("under way already"), "{}", second.body);
    assert_eq!(under_way(&console)?, first);
    let failed = (ActionVerb::Reconcile, Some(ActionResult::Failed));
    assert_eq!(trail(&console)?, [failed, (ActionVerb::Reconcile, None)]);
    Ok(())
}

#[test]
fn a_comparison_is_cancelled_once_and_another_can_begin() -> Result {
    let console = Console::new(&[KEY])?;
    compare(&console, "")?;
    let action = under_way(&console)?.ok_or("nothing is under way")?.action;
    let cancel =
        |action: u64| console.form("/ops/reports/cancel").send(&format!("action={action}"));
    // The page of an earlier one.
    assert_eq!(cancel(action + 7)?.status, StatusCode::CONFLICT);
    assert_eq!(cancel(action)?.status, StatusCode::SEE_OTHER);
    assert_eq!(cancel(action)?.status, StatusCode::CONFLICT);
    assert!(under_way(&console)?.is_none());
    let ended = console.get("/ops/reports/progress").answer()?;
    assert!(ended.says("– cancelled"), "{}", ended.body);
    assert_eq!(compare(&console, "")?.status, StatusCode::SEE_OTHER);
    assert!(under_way(&console)?.is_some_and(|it| it.action > action));
    let due = [
        (ActionVerb::Reconcile, None),
        (ActionVerb::CancelReconcile, Some(ActionResult::Done)),
        (ActionVerb::Reconcile, Some(ActionResult::Cancelled)),
    ];
    assert_eq!(trail(&console)?, due);
    Ok(())
}

#[test]
fn more_reads_than_are_left_are_refused() -> Result {
    let console = Console::new(&[KEY, ("READ_BUDGET", "100")])?;
    block_on(console.store.spend(94, at(NOW)))?;
    let asked = console.get("/ops/reports/compare").answer()?;
    assert!(
        asked.says("more reads than are left")
            && !asked.says("method=\"post\" action=\"/ops/reports")
    );
    let sent = compare(&console, "")?;
    assert_eq!(sent.status, StatusCode::CONFLICT);
    assert!(sent.says("About 7 reads are too many: 6 are left"), "{}", sent.body);
    assert_eq!(trail(&console)?, []);
    Ok(())
}

#[test]
fn what_cannot_be_compared_is_said() -> Result {
    let console = Console::new(&[KEY])?;
    for form in
        ["since=tomorrow", "since=2026-11-22&until=2026-11-20", "since=2027-01-01", "until=x"]
    {
        assert_eq!(compare(&console, form)?.status, StatusCode::BAD_REQUEST, "{form}");
    }
    let console = Console::new(&[])?;
    assert!(!console.get("/ops/reports").answer()?.says("Compare now"));
    for answer in [compare(&console, "")?, console.get("/ops/reports/compare").answer()?] {
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.says("STRIPE_SECRET_KEY"), "{}", answer.body);
    }
    assert_eq!(trail(&console)?, []);
    Ok(())
}

#[test]
fn a_test_of_the_channels_is_sent_at_most_once_a_minute() -> Result {
    let console = Console::new(&[OPERATORS, CHANNELS])?;
    let cookie = console.sign_in(ACT_TOKEN)?;
    let open = |path: &str| console.get(path).with_cookie(&cookie).answer();
    let test = || console.form("/ops/alerts/test").with_cookie(&cookie).answer();
    assert!(open("/ops/alerts")?.says("Test the channels …"));
    let asked = open("/ops/alerts/test")?;
    assert!(asked.says("One message") && asked.says("slack-1"), "{}", asked.body);
    assert_eq!(block_on(console.store.alerts(AlertFilter::All, 9))?, []);
    let sent = test()?;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let page = open(sent.header("location"))?;
    assert!(page.says("once it has taken the message"), "{}", page.body);
    let again = test()?;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(again.header("retry-after"), "60");
    console.clock.set(NOW + 61);
    assert_eq!(test()?.status, StatusCode::SEE_OTHER);
    let alerts = block_on(console.store.alerts(AlertFilter::All, 9))?;
    assert_eq!(alerts.len(), 2, "each test is an alert of its own: {alerts:?}");
    assert!(open("/ops/alerts")?.says("No alert is open"));
    let done = (ActionVerb::TestChannels, Some(ActionResult::Done));
    assert_eq!(trail(&console)?, [done, done]);
    Ok(())
}

#[test]
fn without_channels_no_test_is_sent() -> Result {
    let console = Console::new(&[])?;
    assert!(console.get("/ops/alerts/test").answer()?.says("No channel is set"));
    let sent = console.form("/ops/alerts/test").answer()?;
    assert_eq!(sent.status, StatusCode::CONFLICT);
    assert_eq!(block_on(console.store.alerts(AlertFilter::All, 9))?, []);
    Ok(())
}

#[test]
fn who_may_look_compares_and_tests_nothing() -> Result {
    let console = Console::new(&[OPERATORS, KEY, CHANNELS])?;
    console.record([Event { received_at: at(NOW), ..an_event("evt_1") }])?;
    let cookie = console.sign_in(READ_TOKEN)?;
    for path in ["/ops/reports", "/ops/alerts", "/ops/reports/progress"] {
        let page = console.get(path).with_cookie(&cookie).answer()?;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.says("Compare now") && !page.says("Test the channels"), "{path}");
    }
    for path in ["/ops/reports/compare", "/ops/alerts/test"] {
        let page = console.get(path).with_cookie(&cookie).answer()?;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ACTS {
        let form = console.form(path).without("sec-fetch-site");
        let form = if path.contains("/api/") {
            form.bearing(READ_TOKEN)
        } else {
            form.with("sec-fetch-site", "same-origin").with_cookie(&cookie)
        };
        assert_eq!(form.send("hours=4&action=1")?.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(trail(&console)?, []);
    assert!(under_way(&console)?.is_none());
    Ok(())
}
