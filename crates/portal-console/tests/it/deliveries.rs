//! The charts about deliveries: on the first page, on their own, and those of reports.

use std::sync::Arc;
use std::time::Duration;

use portal_contract::{FakeClock, an_event, at, block_on, text};
use portal_domain::report::Difference;
use portal_domain::stripe::Window;
use portal_domain::{AnswerOutcome, Answered, Event, EventId, Observe as _, Report};
use portal_service::Troubles;
use portal_testkit::Result;

use crate::support::{Console, NOW};

const HOUR: i64 = 3600;

/// The beginning of the present hour: 13:00 in UTC.
const THIS_HOUR: i64 = NOW - NOW % HOUR;

/// Records events that came so many seconds ago, each with its delay, and rolls them up as the monitor
/// does.
fn came(console: &Console, ago_and_delay: impl IntoIterator<Item = (i64, i64)>) -> Result {
    let events = ago_and_delay.into_iter().enumerate().map(|(n, (ago, delay))| Event {
        id: EventId::new(&format!("evt_{ago}_{n}")).unwrap(),
        received_at: at(NOW - ago),
        created: at(NOW - ago - delay),
        ..an_event("evt_1")
    });
    console.record(events)?;
    block_on(console.store.delivery_history(at(0)))?;
    Ok(())
}

/// The seconds from the middle of an hour until now, so many hours before this one.
fn ago(hours: i64) -> i64 {
    NOW - THIS_HOUR + hours * HOUR - HOUR / 2
}

#[test]
fn the_first_page_compares_each_hour_with_the_same_hour_of_four_weeks() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    let week = 7 * 24;
    let many = |hours: i64, count: usize| std::iter::repeat_n((ago(hours), 0), count);
    came(
        &console,
        many(4 * week + 2, 9).chain(many(3 * week + 2, 1)).chain(many(2 * week + 2, 4)),
    )?;
    came(&console, many(week + 2, 5).chain(many(2, 3)).chain(many(1, 2)))?;
    let page = console.get("/ops/").answer()?;
    // Two hours ago it was 20:00 in Tokyo.
    let row = "<tr><th scope=\"row\">2026-11-22 20:00</th><td class=\"number\">3</td>\
               <td class=\"number\">4</td><td class=\"number\">1–9</td></tr>";
    assert!(page.says(row), "{}", page.body);
    let said = "5 events in 48 hours; 4 are usual. The most came from 2026-11-22 20:00 on: 3.";
    assert!(page.says(said), "{}", page.body);
    let page = console.get("/ops/?lang=ja").answer()?;
    assert!(page.says("48 時間で 5 件。見込みは 4 件です。"), "{}", page.body);
    assert!(page.says("<title id=\"by-hour-title\">時間ごとの受信件数</title>"));
    Ok(())
}

#[test]
fn a_young_portal_is_not_told_what_is_usual() -> Result {
    let console = Console::new(&[])?;
    assert!(console.get("/ops/").answer()?.says("begins with the first full hour"));
    came(&console, [(ago(1), 0), (ago(7 * 24 + 1), 0)])?;
    let page = console.get("/ops/").answer()?;
    assert!(
        page.says("1 events in 48 hours; what is usual is known after two of 4 weeks."),
        "{}",
        page.body
    );
    Ok(())
}

#[test]
fn delays_are_told_by_hour_as_bounds() -> Result {
    let console = Console::new(&[])?;
    let nineteen = (0..19).map(|_| (ago(1), 1));
    came(&console, nineteen.chain([(ago(1), 2 * HOUR), (ago(3), 4 * 24 * HOUR)]))?;
    let page = console.get("/ops/deliveries").answer()?;
    for text in [
        "<td class=\"number\">20</td><td class=\"number\">≤ 1 s</td><td class=\"number\">≤ 1 s</td>",
        "<td class=\"number\">1</td><td class=\"number\">&gt; 3 days</td>",
        "21 events in 48 hours: half came in ≤ 1 s, 95 % in ≤ 3 h.",
        "The slowest hour began at 2026-11-22 10:00: &gt; 3 days.",
    ] {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    assert!(console.get("/ops/deliveries?lang=ja").answer()?.says("21 件。半数は ≤ 1 秒"));
    Ok(())
}

#[test]
fn silence_has_its_gaps_its_limit_and_the_present_gap() -> Result {
    let console = Console::new(&[])?;
    let hourly = (1..=10 * 24).rev().filter(|it| !(30..33).contains(it));
    came(&console, hourly.map(|hours| (ago(hours), 0)))?;
    let page = console.get("/ops/deliveries").answer()?;
    let said = "the longest of 236 in 28 days was 4 h; the last event came 80 min ago. \
                The alert is raised after 8 h.";
    assert!(page.says(said), "{}", page.body);
    // One that is not rolled up yet ends the silence as well.
    console.record([Event { received_at: at(NOW - 60), ..an_event("evt_last") }])?;
    assert!(console.get("/ops/deliveries").answer()?.says("the last event came 60 s ago."));
    Ok(())
}

#[test]
fn a_short_history_has_no_limit() -> Result {
    let console = Console::new(&[])?;
    assert!(console.get("/ops/deliveries").answer()?.says("No full hour has passed"));
    came(&console, [(ago(2), 0), (ago(1), 0)])?;
    let page = console.get("/ops/deliveries").answer()?;
    assert!(page.says("There is too little history for the alert."), "{}", page.body);
    Ok(())
}

#[test]
fn answer_times_are_those_of_this_replica_or_not_shown() -> Result {
    let console = Console::new(&[])?;
    assert!(console.get("/ops/deliveries").answer()?.says("Answer times are not shown here"));
    let troubles = Troubles::new(Arc::new(FakeClock::at(NOW - HOUR)));
    let console = Console::with_answer_times(&[], troubles.answer_times())?;
    let page = console.get("/ops/deliveries").answer()?;
    assert!(page.says("no delivery was answered yet."), "{}", page.body);
    for (outcome, ms) in [
        (AnswerOutcome::Recorded, 3),
        (AnswerOutcome::Recorded, 4),
        (AnswerOutcome::Unavailable, 300),
    ] {
        let elapsed = Duration::from_millis(ms);
        troubles.answered(&Answered { outcome, reason: None, event: None, elapsed });
    }
    let page = console.get("/ops/deliveries").answer()?;
    for text in [
        "2 of 3 deliveries were answered within 200 ms; the slowest took ≤ 500 ms.",
        "this replica, since ",
        "<tr><th scope=\"row\">≤ 5 ms</th><td class=\"number\">2</td>",
    ] {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    Ok(())
}

#[test]
fn each_day_says_if_it_was_compared() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    // 2026-11-22 in Tokyo, a Sunday.
    let today = 1_795_273_200;
    let day = |before: i64| at(today - before * 24 * HOUR);
    let mut differing = Report::new(Window { since: day(3), until: day(2) }, true);
    differing.found(text("pi_1"), Difference::MissingHere, false);
    let whole = Report::new(Window { since: day(2), until: day(1) }, true);
    let half = Report::new(Window { since: day(1), until: at(today - HOUR) }, true);
    for report in [&differing, &whole, &half] {
        block_on(console.store.file_report(report))?;
    }
    let page = console.get("/ops/reports").answer()?;
    for text in [
        "href=\"/ops/reports/1\">19 <span class=\"bad\" aria-hidden=\"true\">▲</span><span class=\"hidden\">differences",
        "href=\"/ops/reports/2\">20 <span class=\"ok\" aria-hidden=\"true\">✓</span>",
        "href=\"/ops/reports/3\">21 <span class=\"warn\" aria-hidden=\"true\">?</span>",
        "<td>18 <span class=\"quiet\" aria-hidden=\"true\">–</span>",
        "<th scope=\"row\">2026-11-16</th>",
        "of 48 days 1 are complete, 1 have differences.",
    ] {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    assert!(console.get("/ops/reports?lang=ja").answer()?.says(">月</th>"));
    Ok(())
}

#[test]
fn reads_at_stripe_have_their_budget_and_forecast() -> Result {
    assert!(!Console::new(&[])?.get("/ops/reports").answer()?.says("Reads at Stripe by day"));
    let key = ("STRIPE_SECRET_KEY", "rk_test_0123456789abcdef");
    let console = Console::new(&[key, ("READ_BUDGET", "300")])?;
    for (days, reads) in [(20, 40), (3, 7), (1, 70), (0, 50)] {
        block_on(console.store.spend(reads, at(NOW - days * 24 * HOUR)))?;
    }
    let page = console.get("/ops/reports").answer()?;
    let said = "167 of 300 in 30 days; the most on 2026-11-21: 70. \
                ▲ At the rate of the last week it comes to 330.";
    assert!(page.says(said), "{}", page.body);
    assert!(page.says("<tr><th scope=\"row\">2026-11-02</th><td class=\"number\">40</td></tr>"));
    Ok(())
}

#[test]
fn the_pages_with_charts_stay_small() -> Result {
    let console = Console::new(&[])?;
    came(&console, (1..28 * 24).rev().map(|hours| (ago(hours), hours % 900)))?;
    for path in ["/ops/", "/ops/deliveries", "/ops/deliveries?lang=ja"] {
        let page = console.get(path).answer()?;
        assert!(page.body.len() < 40_000, "{path}: {}", page.body.len());
        assert!(!page.says("style="), "{path}");
    }
    Ok(())
}
