//! The statement of a period.

use portal_contract::stripe::payment;
use portal_contract::{at, block_on, know_a_month};
use portal_domain::payouts::read_window;
use portal_domain::stripe::Window;
use portal_domain::{Clock as _, Report};
use portal_testkit::Result;

use super::{gift, gifts};
use crate::support::Console;

/// A console with two gifts of October 2025 in live mode, the first second of the month in Tokyo.
fn console() -> Result<Console> {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    console.record(gifts(2))?;
    console.record([gift(60 * 24 * 40, payment("pi_november", "succeeded")).event()])?;
    Ok(console)
}

#[test]
fn a_statement_has_the_sums_of_its_period_and_its_rows() -> Result {
    let console = console()?;
    let page = console.get("/ops/statement?period=2025-10").answer()?;
    for text in
        ["<h1>Statement 2025-10</h1>", "2025-10-01 – 2025-10-31", "2,000 JPY", "Prepared by"]
    {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    assert!(page.says(">pi_0<") && page.says(">pi_1<") && !page.says(">pi_november<"));
    let page = console.get("/ops/statement?period=2025-10&lang=ja").answer()?;
    for text in
        ["<h1>明細 2025年10月</h1>", "2,000 円", "作成者・日付", "手数料は差し引いていません"]
    {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    // The month before: it is November 2026.
    let page = console.get("/ops/statement").answer()?;
    assert!(page.says("<h1>Statement 2026-10</h1>"));
    assert!(page.says("No paid donation is among them."));
    Ok(())
}

#[test]
fn a_statement_of_many_donations_has_the_last_ones_and_all_where_they_are_asked_for() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    console.record(gifts(60))?;
    let rows = |page: &str| page.matches("href=\"/ops/donations/pi_").count();
    let page = console.get("/ops/statement?period=2025-10").answer()?;
    assert_eq!(rows(&page.body), 50, "{}", page.body);
    assert!(page.says("The last 50 only") && page.says("60,000 JPY"), "{}", page.body);
    assert!(page.says("href=\"/ops/statement?period=2025-10&amp;rows=all\""), "{}", page.body);
    assert!(page.body.len() <= 40_000, "{} bytes", page.body.len());
    let all = console.get("/ops/statement?period=2025-10&rows=all").answer()?;
    assert_eq!(rows(&all.body), 60, "{}", all.body);
    assert!(!all.says("only; the CSV has all"), "{}", all.body);
    assert_eq!(console.get("/ops/statement?rows=many").answer()?.status, 400);
    Ok(())
}

#[test]
fn a_period_that_is_not_over_says_so() -> Result {
    let console = console()?;
    assert!(console.get("/ops/statement?period=2026-11").answer()?.says("The period is not over."));
    assert!(
        !console.get("/ops/statement?period=2026-10").answer()?.says("The period is not over.")
    );
    Ok(())
}

#[test]
fn a_statement_says_what_of_it_was_compared_with_stripe() -> Result {
    let console = console()?;
    let page = || console.get("/ops/statement?period=2025-10").answer();
    assert!(page()?.says("? Not all of the period was compared with Stripe."));
    // October in Tokyo.
    let (begin, end) = (1_759_244_400, 1_761_922_800);
    let window = |since, until| Window { since: at(since), until: at(until) };
    let half = Report::new(window(begin, begin + 86_400), true);
    block_on(console.store.file_report(&half))?;
    assert!(page()?.says("? Not all of the period was compared with Stripe."));
    assert!(page()?.says("Not compared: "));
    block_on(console.store.file_report(&Report::new(window(begin + 3600, end), true)))?;
    let compared = page()?;
    assert!(compared.says("✓ Compared with Stripe"), "{}", compared.body);
    assert!(compared.says("href=\"/ops/reports/2\"") && compared.says("href=\"/ops/reports/1\""));
    Ok(())
}

#[test]
fn a_fiscal_year_is_named_and_has_its_twelve_months() -> Result {
    let console = console()?;
    let page = console.get("/ops/statement?period=fy2025").answer()?;
    for text in ["<h1>Statement fiscal year 2025</h1>", "2025-04-01 – 2026-03-31", "3,000 JPY"] {
        assert!(page.says(text), "{text}: {}", page.body);
    }
    assert!(
        console
            .get("/ops/statement?period=fy2025&lang=ja")
            .answer()?
            .says("<h1>明細 2025年度</h1>")
    );
    let list = console.get("/ops/donations.csv?period=fy2025").answer()?;
    assert_eq!(list.body.lines().count(), 4, "{}", list.body);
    let october = Console::new(&[("TIME_ZONE", "Asia/Tokyo"), ("FISCAL_YEAR_START", "10")])?;
    let page = october.get("/ops/statement?period=fy2025").answer()?;
    assert!(page.says("2025-10-01 – 2026-09-30"), "{}", page.body);
    Ok(())
}

#[test]
fn a_statement_has_the_fees_of_its_period_and_what_reached_the_bank() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    block_on(know_a_month(&*console.store));
    let page = || console.get("/ops/statement?period=2026-10&mode=live").answer();
    let unread = page()?;
    assert!(unread.says("Fees and deposits are not known"), "{}", unread.body);
    assert!(!unread.says("30,641") && !unread.says("2,728"), "{}", unread.body);

    // From the beginning of October to that of 3 November, in Tokyo.
    let known = Window { since: at(1_790_780_400), until: at(1_793_631_600) };
    block_on(read_window::extend(&*console.store, true, known, console.clock.now()))?;
    let read = page()?;
    for text in ["2,728 JPY", "85 JPY", "reached the bank (payouts: 1)", "30,641 JPY"] {
        assert!(read.says(text), "{text}: {}", read.body);
    }
    assert!(!read.says("deposits are not known") && !read.says("Known up to"), "{}", read.body);
    let account = console.get("/ops/account?period=2026-10&mode=live").answer()?;
    assert!(account.says("-2,728 JPY") && account.says("-85 JPY"), "{}", account.body);
    let november = console.get("/ops/statement?period=2026-11&mode=live").answer()?;
    for text in ["Known up to <time", "2026-11-03 00:00", "Nothing came to the balance."] {
        assert!(november.says(text), "{text}: {}", november.body);
    }
    // The day that begins when the reading ended.
    let day = console.get("/ops/statement?period=2026-11-03&mode=live").answer()?;
    assert!(day.says("Fees and deposits are not known"), "{}", day.body);
    Ok(())
}

#[test]
fn a_statement_has_the_year_of_the_era_where_it_is_asked_for() -> Result {
    let console = console()?;
    for (period, title) in [
        ("2026-10", "令和8年（2026年）10月"),
        ("fy2026", "令和8年度（2026年度）"),
        ("2019-05-01", "令和元年（2019年）5月1日"),
        ("2019-04", "平成31年（2019年）4月"),
        ("1988", "1988年"),
    ] {
        let page =
            console.get(&format!("/ops/statement?lang=ja&era=1&period={period}")).answer()?;
        assert!(page.says(&format!("<h1>明細 {title}</h1>")), "{title}: {}", page.body);
        assert!(page.says("西暦のみで表示"));
    }
    let page = console.get("/ops/statement?lang=ja&period=2026-10").answer()?;
    assert!(page.says("<h1>明細 2026年10月</h1>") && page.says("和暦を併記"));
    assert!(
        console.get("/ops/statement?era=1&period=2026-10").answer()?.says("Statement 2026-10</h1>")
    );
    Ok(())
}
