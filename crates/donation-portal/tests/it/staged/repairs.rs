//! The same failures, repaired from the console alone: from the link in the alert's message on, by the
//! forms that a browser sends. Where the cause is elsewhere, the pages say so, and that it is over.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use portal_testkit::http::{Answer, Client as _, UrlClient};
use portal_testkit::stripe::{Fault, Resource};

use super::stage::{HOUR, MINUTE, SOON, Stage};
use crate::support::Result;
use crate::support::channel::Mood;
use crate::support::clock::wait_for;
use crate::support::event::{OTHER_SECRET, SECRET, dispute, payment};

/// The console as a browser on this machine sees it, in English.
struct Browser(UrlClient);

impl Browser {
    fn of(stage: &Stage) -> Self {
        Self(UrlClient::new(&stage.console_url()))
    }

    fn open(&self, path: &str) -> Result<Answer> {
        self.0.send("GET", path, &[("Accept-Language", "en")], None)
    }

    /// Opens a page that is there, and has all these texts.
    #[track_caller]
    fn shows(&self, path: &str, texts: &[&str]) -> Result<String> {
        let answer = self.open(path)?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        for text in texts {
            assert!(answer.body.contains(text), "{path} does not say {text:?}: {}", answer.body);
        }
        Ok(answer.body)
    }

    /// Sends a form and opens the page that it leads to, which has all these texts.
    #[track_caller]
    fn does(&self, path: &str, form: &str, texts: &[&str]) -> Result<String> {
        let headers = [
            ("Accept-Language", "en"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let sent = self.0.send("POST", path, &headers, Some(form.as_bytes()))?;
        assert_eq!(sent.status, 303, "{path} {form}: {}", sent.body);
        self.shows(sent.header("location").ok_or("it leads nowhere")?, texts)
    }
}

/// Follows the link in the next message on Slack; the page has all these texts. Returns its address.
#[track_caller]
fn from_the_link(stage: &mut Stage, texts: &[&str]) -> Result<String> {
    let link = stage.link_on_slack()?;
    Browser::of(stage).shows(&link, texts)?;
    Ok(link)
}

/// The alert ends, and its page says so.
#[track_caller]
fn is_over(stage: &mut Stage, key: &str) -> Result {
    stage.ends(key)?;
    Browser::of(stage).shows(&format!("/ops/alerts/{key}"), &["✓ ended"])?;
    Ok(())
}

pub(super) fn a_wrong_secret(stage: &mut Stage) -> Result {
    stage.start_with(OTHER_SECRET)?;
    stage.is_refused(10)?;
    from_the_link(stage, &["a wrong signing secret", "First:"])?;
    Browser::of(stage).shows("/ops/", &["Deliveries are being refused."])?;
    stage.stop()?;
    stage.start_with(SECRET)?;
    stage.is_paid("evt_right")?;
    is_over(stage, "signature_refusals")?;
    Browser::of(stage).shows("/ops/", &["No delivery is being refused."]).map(drop)
}

pub(super) fn a_clock_that_is_fast(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.shift(10 * MINUTE)?;
    stage.is_refused(10)?;
    from_the_link(stage, &["clock", "600 s ahead"])?;
    stage.shift(-10 * MINUTE)?;
    stage.is_paid("evt_right")?;
    stage.pass(10 * MINUTE)?;
    is_over(stage, "signature_refusals")
}

pub(super) fn a_database_that_is_deleted(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    let (database, away) = (stage.home.database(), stage.home.path("away.db"));
    fs::rename(&database, &away)?;
    stage.is_put_off(1)?;
    let (link, browser) = (stage.link_on_slack()?, Browser::of(stage));
    for path in [&*link, "/ops/", "/ops/donations", "/ops/events"] {
        let page = browser.open(path)?;
        assert_eq!(page.status, 503, "{path}: {}", page.body);
        assert!(page.body.contains("database is not there"), "{path}: {}", page.body);
    }
    fs::rename(&away, &database)?;
    stage.is_recovered("evt_0")?;
    browser.shows(&link, &["✓ ended", "The database takes writes now."]).map(drop)
}

pub(super) fn a_database_that_may_only_be_read(stage: &mut Stage) -> Result {
    stage.start_without_power()?;
    stage.is_paid("evt_before")?;
    stage.server()?.wait_until_ready()?;
    stage.stop()?;
    let files = ["portal.db", "portal.db-wal", "portal.db-shm"].map(|it| stage.home.path(it));
    let allow = |mode| {
        let there = files.iter().filter(|it| it.exists());
        there
            .into_iter()
            .try_for_each(|it| fs::set_permissions(it, fs::Permissions::from_mode(mode)))
    };
    allow(0o444)?;
    stage.start_without_power()?;
    stage.is_put_off(1)?;
    // The alert cannot be kept, and its page says why and what to do all the same.
    let link = from_the_link(stage, &["The database takes no writes now:", "read-only"])?;
    allow(0o644)?;
    stage.is_recovered("evt_0")?;
    let page = Browser::of(stage).shows(&link, &["✓ ended", "The database takes writes now."]);
    page.map(drop)
}

pub(super) fn a_full_disk(stage: &mut Stage) -> Result {
    stage.start_on_small_disk()?;
    stage.is_paid("evt_before")?;
    stage.fill()?;
    stage.is_put_off_at_last()?;
    let link = from_the_link(stage, &["The database takes no writes now:", "disk is full"])?;
    stage.free()?;
    stage.is_recovered("evt_0")?;
    let page = Browser::of(stage).shows(&link, &["✓ ended", "The database takes writes now."]);
    page.map(drop)
}

/// Nothing but the console.
pub(super) fn a_dead_event(stage: &mut Stage) -> Result {
    stage.start()?;
    let broken = payment("evt_1").replace(r#""currency":"jpy","#, "");
    assert_eq!(stage.deliver(&broken)?, 200);
    from_the_link(stage, &["currency is missing", "/ops/events?state=dead"])?;
    let browser = Browser::of(stage);
    browser.shows("/ops/events?state=dead", &["/ops/events/evt_1"])?;
    browser.shows("/ops/events/evt_1", &["a fact that it needs is missing"])?;
    browser.shows("/ops/events/reprocess?id=evt_1", &["name=\"expect\" value=\"1\""])?;
    browser.does("/ops/events/reprocess", "id=evt_1&expect=1", &["1 of them still dead"])?;
    browser.shows("/ops/alerts/event_dead", &["✕ error"])?;
    browser.does("/ops/events/ignore", "id=evt_1&expect=1", &["1 ignored."])?;
    browser.shows("/ops/actions", &["ignore", "reprocess", "something is still wrong"])?;
    is_over(stage, "event_dead")
}

/// There is nothing to repair: an operator has seen it.
pub(super) fn a_burst_of_forged_deliveries(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_forged(1)?;
    for number in 0..14 {
        stage.is_paid(&format!("evt_{number}"))?;
    }
    stage.is_forged(199)?;
    let link = from_the_link(stage, &["▲ warning", "accepted"])?;
    let browser = Browser::of(stage);
    browser.shows(&format!("{link}/acknowledge"), &["Acknowledge the alert?"])?;
    browser.does(&format!("{link}/acknowledge"), "", &["Acknowledged"])?;
    browser.does(&format!("{link}/silence"), "hours=24", &["Silenced until"])?;
    is_over(stage, "signature_refusals")
}

pub(super) fn a_channel_that_is_gone(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.slack.becomes(Mood::Answers(404, "X-Well: no"));
    assert_eq!(stage.deliver(&dispute("evt_1", "needs_response", stage.now()))?, 200);
    stage.store_says("channel_failing:slack-1", "open")?;
    let browser = Browser::of(stage);
    let failing = "/ops/alerts/channel_failing:slack-1";
    browser.shows(failing, &["slack-1 does not take notifications", "404"])?;
    browser.shows("/ops/", &["A channel is failing."])?;
    stage.slack.becomes(Mood::Well);
    browser.shows("/ops/alerts/test", &["slack-1", "discord-1"])?;
    browser.does("/ops/alerts/test", "", &["once it has taken the message"])?;
    stage.store_says("channel_failing:slack-1", "ended")?;
    browser.shows(failing, &["✓ ended"]).map(drop)
}

pub(super) fn a_key_without_rights(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    stage.is_polled()?;
    stage.stripe.always(Resource::WebhookEndpoints, Fault::NotAllowed);
    stage.pass(2 * HOUR)?;
    from_the_link(stage, &["webhook_endpoints", "First:"])?;
    stage.stripe.always(Resource::WebhookEndpoints, Fault::None);
    stage.pass(2 * HOUR)?;
    is_over(stage, "stripe_unreadable:webhook_endpoints")
}

pub(super) fn a_disabled_endpoint(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    stage.is_polled()?;
    stage.stripe.account().endpoints[0].status = "disabled";
    // Payments made meanwhile are not delivered, and are here once they were compared.
    stage.pass(2 * HOUR)?;
    from_the_link(stage, &["disabled", "First:"])?;
    Browser::of(stage).shows("/ops/", &["The endpoint at Stripe has a problem."])?;
    stage.stripe.account().endpoints[0].status = "enabled";
    let browser = Browser::of(stage);
    browser.shows("/ops/reports/compare", &["reads at Stripe", "Compare now"])?;
    browser.does("/ops/reports/compare", "", &["Comparison with Stripe"])?;
    stage.pass(2 * HOUR)?;
    is_over(stage, "endpoint:disabled")?;
    wait_for("the end of the comparison", SOON, || {
        let page = browser.open("/ops/reports/progress")?.body;
        Ok((page.contains("No comparison") && page.contains("✓ done")).then_some(()))
    })
}

pub(super) fn silence(stage: &mut Stage) -> Result {
    stage.key = None;
    stage.start()?;
    for number in 0..56 {
        stage.is_paid(&format!("evt_{number}"))?;
        stage.pass(6 * HOUR)?;
    }
    stage.pass(25 * HOUR)?;
    from_the_link(stage, &["No event", "First:"])?;
    Browser::of(stage).shows("/ops/", &["The last event came"])?;
    stage.is_paid("evt_again")?;
    stage.pass(HOUR)?;
    is_over(stage, "silence")
}
