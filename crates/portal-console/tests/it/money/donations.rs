//! The list of donations: its states, its filter, its pages and its files.

use http::StatusCode;
use portal_contract::Call;
use portal_contract::stripe::payment;
use portal_domain::StoreError;
use portal_testkit::Result;

use super::{gift, gifts};
use crate::support::Console;

/// Returns the ids of the rows.
fn ids(page: &str) -> Vec<&str> {
    let links = page.split("href=\"/ops/donations/").skip(1);
    links.map(|it| it.split_once('"').unwrap().0).collect()
}

/// Returns the address of the next page.
fn next(page: &str) -> Option<String> {
    let links = page.split_once("<p class=\"pages\">")?.1.split_once("</p>")?.0;
    let link = links.split_once(">Next page")?.0.rsplit_once("<a href=\"")?.1;
    Some(link.trim_end_matches('"').replace("&amp;", "&"))
}

#[test]
fn a_list_without_donations_says_if_none_has_come_or_none_matches() -> Result {
    let console = Console::new(&[])?;
    assert!(console.get("/ops/donations").answer()?.says("No donation has come yet."));
    assert!(console.get("/ops/donations?lang=ja").answer()?.says("寄付はまだありません。"));
    console.record(gifts(1))?;
    let none = console.get("/ops/donations?currency=usd&kind=recurring").answer()?;
    assert!(
        none.says("No donation matches: recurring · USD · <a href=\"/ops/donations?mode=live\">")
    );
    let none = console.get("/ops/donations?mode=test").answer()?;
    assert!(none.says("No donation has come yet."), "{}", none.body);
    Ok(())
}

#[test]
fn a_value_that_no_key_takes_is_refused_by_its_key_and_not_repeated() -> Result {
    let console = Console::new(&[])?;
    for (query, key) in [
        ("period=2026-13", "period"),
        ("period=canary", "period"),
        ("period=2026&since=2026-01-01", "period"),
        ("since=canary", "since"),
        ("since=2026-02-01&until=2026-01-01", "until"),
        ("kind=canary", "kind"),
        ("state=canary", "state"),
        ("currency=canary", "currency"),
        ("mode=canary", "mode"),
        ("provisional=true", "provisional"),
        ("confirmed=1", "confirmed"),
        ("after=canary", "after"),
        ("after=-1:pi_1", "after"),
    ] {
        for path in ["donations", "donations.csv", "donations.json"] {
            let answer = console.get(&format!("/ops/{path}?{query}")).answer()?;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}?{query}");
            assert!(answer.says(&format!("{key} cannot be used")), "{}", answer.body);
        }
        let page = console.get(&format!("/ops/donations?{query}&lang=ja")).answer()?;
        assert!(page.says(&format!("{key} の値は使えません")), "{}", page.body);
    }
    Ok(())
}

#[test]
fn a_store_that_fails_is_said_with_its_advice() -> Result {
    let console = Console::new(&[])?;
    for call in 0..3 {
        for path in ["/ops/donations", "/ops/donations?lang=ja"] {
            (0..call).for_each(|_| console.faults.plan(Call::Works));
            console.faults.plan(Call::Fails(StoreError::Busy));
            let answer = console.get(path).answer()?;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("retry-after"), "5");
        }
    }
    console.faults.plan(Call::Fails(StoreError::Busy));
    let file = console.get("/ops/donations.csv?mode=live").answer()?;
    assert_eq!(file.status, StatusCode::SERVICE_UNAVAILABLE);
    Ok(())
}

#[test]
fn paging_loses_and_doubles_no_row_while_donations_come_in() -> Result {
    let console = Console::new(&[])?;
    // All of one second: their ids alone tell them apart.
    let same_second = |it: i64| gift(0, payment(&format!("pi_{it}"), "succeeded"));
    let told = |it: i64| same_second(it).known_as(&format!("evt_same_{it}")).event();
    console.record((100..130).map(told))?;
    let mut seen = Vec::new();
    let mut address = Some("/ops/donations?limit=7&currency=jpy".to_owned());
    let mut later = 1;
    while let Some(path) = address {
        let answer = console.get(&path).answer()?;
        seen.extend(ids(&answer.body).into_iter().map(str::to_owned));
        address = next(&answer.body);
        let newer = gift(later, payment(&format!("pi_newer_{later}"), "succeeded"));
        console.record([newer.event(), told(200 + later)])?;
        later += 1;
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "{seen:?}");
    for it in 100..130 {
        assert!(once.contains(&format!("pi_{it}")), "pi_{it}: {seen:?}");
    }
    Ok(())
}

#[test]
fn a_page_of_fifty_rows_is_small() -> Result {
    let console = Console::new(&[])?;
    console.record(gifts(60))?;
    for language in ["en", "ja"] {
        let page = console.get(&format!("/ops/donations?lang={language}")).answer()?;
        assert_eq!(ids(&page.body).len(), 50);
        assert!(page.body.len() <= 40_000, "{language}: {} bytes", page.body.len());
    }
    Ok(())
}
