//! The list of donations: its states, its filter, its pages and its files.

use std::collections::BTreeSet;

use http::StatusCode;
use portal_contract::Call;
use portal_contract::stripe::payment;
use portal_domain::StoreError;
use portal_testkit::Result;

use super::{gift, gifts};
use crate::support::{Console, LIMITS};

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
        ("dispute=canary", "dispute"),
        ("from=1", "from"),
        ("from=1.5&currency=jpy", "from"),
        ("from=2&to=1&currency=jpy", "to"),
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
fn a_store_that_fails_at_any_read_is_said_with_its_advice() -> Result {
    let console = Console::new(&[])?;
    console.record(gifts(1))?;
    for (path, reads) in [
        ("/ops/donations", 4),
        ("/ops/donations.csv", 2),
        ("/ops/donations.json?mode=test", 1),
        ("/ops/donations/pi_0", 4),
        ("/ops/statement", 4),
    ] {
        for read in 0..reads {
            for language in ["en", "ja"] {
                (0..read).for_each(|_| console.faults.plan(Call::Works));
                console.faults.plan(Call::Fails(StoreError::Busy));
                let mark = if path.contains('?') { '&' } else { '?' };
                let answer = console.get(&format!("{path}{mark}lang={language}")).answer()?;
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {read}");
                assert_eq!(answer.header("retry-after"), "5");
            }
        }
    }
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
fn each_condition_of_the_filter_selects_rows_and_is_said_in_words() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    let large = payment("pi_large", "succeeded").of_money(5_000, "jpy");
    let dollars = payment("pi_dollars", "succeeded").of_money(2_550, "usd");
    console.record(gifts(2))?;
    console.record([gift(60 * 24 * 31, large).event(), gift(5, dollars).event()])?;
    for (query, due, words) in [
        ("currency=jpy&from=1001", vec!["pi_large"], "JPY · ≥ 1,001 JPY"),
        ("currency=usd&from=25.50&to=25.5", vec!["pi_dollars"], "≥ 25.50 USD · ≤ 25.50 USD"),
        ("period=2025-11", vec!["pi_large"], "from 2025-11-01 00:00 +09:00"),
        (
            "since=2025-10-09&until=2025-10-09&currency=jpy",
            vec!["pi_1", "pi_0"],
            "before 2025-10-10",
        ),
        ("state=failed", vec![], "failed"),
        ("dispute=lost", vec![], "dispute lost"),
        ("confirmed=yes", vec![], "confirmed by Stripe: yes"),
        ("provisional=no&kind=one_time&period=2025-11", vec!["pi_large"], "provisional: no"),
    ] {
        let page = console.get(&format!("/ops/donations?{query}")).answer()?;
        assert_eq!(ids(&page.body), due, "{query}");
        assert!(page.says(words), "{query}: {words}: {}", page.body);
        let file = console.get(&format!("/ops/donations.json?{query}")).answer()?;
        assert_eq!(file.body.lines().count(), due.len(), "{query}");
    }
    Ok(())
}

#[test]
fn a_file_has_all_rows_of_the_view_also_for_excel_in_each_language() -> Result {
    let console = Console::new(&[])?;
    console.record(gifts(1_200))?;
    let csv = console.get("/ops/donations.csv?limit=7").answer()?;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"donations.csv\"");
    let lines: Vec<_> = csv.body.lines().collect();
    assert_eq!(lines.len(), 1_201);
    assert!(lines.first().is_some_and(|it| it.starts_with("id,kind,state,currency,amount,")));
    let excel = console.get("/ops/donations.csv?excel=1&lang=ja").answer()?;
    assert!(excel.body.starts_with("\u{feff}ID,種別,状態,"));
    assert_eq!(excel.body.matches("\r\n").count(), 1_201);
    let json = console.get("/ops/donations.json").answer()?;
    let first: serde_json::Value = serde_json::from_str(json.body.lines().next().unwrap())?;
    assert_eq!(first.get("id").and_then(|it| it.as_str()), Some("pi_1199"));
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

#[test]
fn a_search_that_no_index_helps_says_where_it_stops_and_goes_on() -> Result {
    let console = Console::new(&[])?;
    // The first of all, and then more than one page looks at, thirty in a second.
    let count = i64::from(LIMITS.rows_searched) + 20;
    let euro = payment("pi_euro", "succeeded").of_money(700, "eur");
    console.record([gift(0, euro).known_as("evt_euro").event()])?;
    let yen = |it: i64| gift(1 + it / 30, payment(&format!("pi_{it}"), "succeeded"));
    console.record((0..count).map(|it| yen(it).known_as(&format!("evt_yen_{it}")).event()))?;
    let page = console.get("/ops/donations?currency=eur").answer()?;
    assert!(page.says("100 donations were searched, back to"), "{}", page.body);
    assert_eq!(ids(&page.body), Vec::<&str>::new());
    let last = console.get(&next(&page.body).ok_or("no next page")?).answer()?;
    assert_eq!((ids(&last.body), next(&last.body)), (vec!["pi_euro"], None), "{}", last.body);
    assert!(!last.says("were searched"), "{}", last.body);
    let api = console.get("/ops/api/v1/donations?currency=eur").answer()?;
    assert!(api.says("{\"data\":[],\"next\":\""), "{}", api.body);
    for (currency, due) in [("eur", 1), ("jpy", usize::try_from(count)?)] {
        let csv = console.get(&format!("/ops/donations.csv?currency={currency}")).answer()?;
        let rows: BTreeSet<_> = csv.body.lines().skip(1).collect();
        assert_eq!((rows.len(), csv.body.lines().count()), (due, due + 1), "{}", csv.body);
    }
    let (mut seen, mut address) =
        (Vec::new(), Some("/ops/donations?currency=jpy&limit=7".to_owned()));
    while let Some(path) = address {
        let page = console.get(&path).answer()?;
        seen.extend(ids(&page.body).into_iter().map(str::to_owned));
        address = next(&page.body);
    }
    let once: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), once.len()), (usize::try_from(count)?, usize::try_from(count)?));
    Ok(())
}
