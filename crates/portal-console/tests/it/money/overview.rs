//! The money on the first page.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::{TimeZone, offset};
use portal_contract::stripe::{BEGIN, new, old, old_invoice, payment};
use portal_contract::{Call, an_event, block_on};
use portal_domain::{Event, StoreError, UnixSeconds};
use portal_service::FiguresJob;
use portal_testkit::Result;

use crate::support::{Console, LIMITS, NOW};

/// A console with two gifts of today, one of it recurring, one of yesterday, one of the month before,
/// one that is provisional and one in test mode.
fn console() -> Result<Console> {
    let console = console_without_figures()?;
    prepare_figures(&console);
    Ok(console)
}

/// The same, before its figures are prepared.
fn console_without_figures() -> Result<Console> {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    let at = |ago: i64| NOW - ago - BEGIN;
    let paid = |pi| payment(pi, "succeeded");
    let told = [
        old(at(60), "payment_intent.succeeded", paid("pi_1")),
        old(at(50), "payment_intent.succeeded", paid("pi_2").with("invoice", "in_2")),
        old(at(50), "invoice.paid", old_invoice("in_2", "paid", "pi_2")),
        old(at(24 * 3600), "payment_intent.succeeded", paid("pi_3")),
        old(at(25 * 24 * 3600), "payment_intent.succeeded", paid("pi_4")),
        new(at(40), "payment_intent.succeeded", paid("pi_5")),
        old(at(30), "payment_intent.succeeded", paid("pi_6")).in_test_mode(),
    ];
    let named = told.into_iter().enumerate().map(|(it, told)| told.known_as(&format!("evt_{it}")));
    console.record(named.map(|it| it.event()))?;
    Ok(console)
}

const ARE_MANY: &str = "More than 100 donations are not added up";
const SUM: &str = "Paid donations: ";

/// The same with as many gifts two days ago as are added up unasked.
fn console_of_many() -> Result<Console> {
    let console = console_without_figures()?;
    let paid = |it| {
        let at = NOW - 2 * 24 * 3600 - BEGIN;
        let gift = payment(&format!("pi_many_{it}"), "succeeded");
        old(at, "payment_intent.succeeded", gift).known_as(&format!("evt_many_{it}")).event()
    };
    console.record((0..LIMITS.donations_added_up).map(paid))?;
    Ok(console)
}

/// Prepares the figures as the service does beside requests.
fn prepare_figures(console: &Console) {
    let zone = TimeZone::fixed(offset(9));
    let (store, clock) = (Arc::clone(&console.store), Arc::new(console.clock.clone()));
    block_on(FiguresJob::new(store, clock, zone, SignedDuration::ZERO).tick());
}

#[test]
fn the_first_page_has_the_sums_of_today_and_of_this_month() -> Result {
    let page = console()?.get("/ops/").answer()?;
    let (_, rest) = page.body.split_once(">Today</a>").unwrap();
    let (today, rest) = rest.split_once(">This month</a>").unwrap();
    let (month, rest) = rest.split_once("<figure>").unwrap();
    assert!(today.contains("<th scope=\"row\">all</th><td class=\"number\">2</td>"), "{today}");
    assert!(month.contains("<th scope=\"row\">all</th><td class=\"number\">3</td>"), "{month}");
    assert!(rest.contains("4 donations in 30 days; the most on 2026-11-22: 2."), "{rest}");
    assert!(!page.says("pi_6"));
    Ok(())
}

#[test]
fn a_chart_of_more_days_stays_small_and_one_without_figures_says_so() -> Result {
    let console = console()?;
    for (days, bars) in [(30, 30), (90, 90), (365, 53)] {
        let page = console.get(&format!("/ops/?days={days}")).answer()?;
        let (_, table) = page.body.split_once("<details>").unwrap();
        let (table, _) = table.split_once("</details>").unwrap();
        assert_eq!(table.matches("<tr><th scope=\"row\">").count(), bars, "{days}");
        assert!(page.says(&format!("4 donations in {days} days")), "{}", page.body);
        assert!(page.body.len() < 40_000, "{days}: {}", page.body.len());
    }
    assert!(console.get("/ops/?days=31").answer()?.says("days cannot be used"));
    let new = Console::new(&[])?.get("/ops/").answer()?;
    assert!(new.says("there is none yet") && new.says("No donation has come yet."));
    Ok(())
}

#[test]
fn the_first_page_of_a_busy_portal_stays_small() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    let day = |n: i64| {
        let at = NOW - n * 24 * 3600 - BEGIN;
        let [pi, invoice] = [format!("pi_{n}"), format!("in_{n}")];
        let of_invoice = format!("pi_of_{n}");
        [
            old(at, "payment_intent.succeeded", payment(&pi, "succeeded")),
            old(
                at,
                "payment_intent.succeeded",
                payment(&of_invoice, "succeeded").with("invoice", &*invoice),
            ),
            old(at, "invoice.paid", old_invoice(&invoice, "paid", &of_invoice)),
        ]
    };
    let told = (0..90).flat_map(day).enumerate();
    console.record(told.map(|(n, it)| it.known_as(&format!("evt_{n}")).event()))?;
    let received = (1..28 * 24).map(|hour| Event {
        received_at: portal_contract::at(NOW - hour * 3600),
        ..an_event(&format!("evt_of_hour_{hour}"))
    });
    console.record(received)?;
    block_on(console.store.delivery_history(UnixSeconds::default()))?;
    prepare_figures(&console);
    for query in ["days=30", "days=90", "days=365", "days=90&lang=ja"] {
        let page = console.get(&format!("/ops/?{query}")).answer()?;
        assert!(page.says("by-hour-title") && page.says("by-day-title"), "{}", page.body);
        assert!(page.body.len() < 40_000, "{query}: {}", page.body.len());
    }
    Ok(())
}

#[test]
fn the_chart_has_its_numbers_as_a_table_in_each_language() -> Result {
    let console = console()?;
    let row = "<tr><th scope=\"row\">2026-11-22</th><td class=\"number\">1</td>\
               <td class=\"number\">1</td><td class=\"number\">0</td><td class=\"number\">2</td></tr>";
    for (language, title) in [("en", "Donations by day"), ("ja", "日ごとの寄付件数")] {
        let page = console.get(&format!("/ops/?lang={language}")).answer()?;
        assert!(page.says(&format!("<title id=\"by-day-title\">{title}</title>")), "{}", page.body);
        assert!(page.says(row), "{}", page.body);
        assert!(page.body.len() < 40_000);
    }
    Ok(())
}

#[test]
fn many_donations_are_added_up_when_that_is_asked_for() -> Result {
    let console = console_of_many()?;
    prepare_figures(&console);
    let all = console.get("/ops/donations?mode=live").answer()?;
    assert!(all.says(ARE_MANY) && !all.says(SUM), "{}", all.body);
    assert!(all.says("pi_3") && all.says("href=\"/ops/donations?mode=live&amp;sums=all\""));
    assert!(console.get("/ops/donations?mode=live&sums=all").answer()?.says(SUM));
    let year = console.get("/ops/statement?mode=live&period=2026").answer()?;
    assert!(year.says(ARE_MANY), "{}", year.body);
    assert!(year.says("period=2026&amp;sums=all") && year.says("pi_3"), "{}", year.body);
    assert!(console.get("/ops/donations?mode=live&period=today").answer()?.says(SUM));
    Ok(())
}

#[test]
fn many_donations_are_not_added_up_before_the_figures_are_prepared_either() -> Result {
    let console = console_of_many()?;
    for query in ["mode=live", "mode=live&period=30d", "mode=test"] {
        let page = console.get(&format!("/ops/donations?{query}")).answer()?;
        assert!(page.says(ARE_MANY) && !page.says(SUM), "{query}: {}", page.body);
    }
    let today = console.get("/ops/donations?mode=live&period=today").answer()?;
    assert!(today.says(SUM), "{}", today.body);
    Ok(())
}

#[test]
fn the_first_page_of_a_store_that_fails_says_so() -> Result {
    let console = console()?;
    for call in 0..9 {
        (0..call).for_each(|_| console.faults.plan(Call::Works));
        console.faults.plan(Call::Fails(StoreError::Busy));
        let answer = console.get("/ops/").answer()?;
        assert_eq!(answer.status.as_u16(), 503, "call {call}");
    }
    Ok(())
}
