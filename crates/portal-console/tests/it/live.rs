//! Pages that are refreshed where their address asks for that.

use portal_testkit::Result;

use crate::support::{Console, OPERATORS, READ_TOKEN};

#[test]
fn a_page_is_refreshed_only_where_its_address_asks_for_it() -> Result {
    let console = Console::new(&[])?;
    let page = console.get("/ops/?mode=test").answer()?;
    assert!(
        page.says("href=\"/ops/?mode=test&amp;live=10\">Refresh every 10 s</a>"),
        "{}",
        page.body
    );
    assert!(!page.says("data-live") && !page.says("http-equiv"));
    for (asked, seconds) in [("10", "10"), ("1", "5"), ("60", "60"), ("3600", "60")] {
        let page = console.get(&format!("/ops/events?state=all&live={asked}")).answer()?;
        assert!(page.says(&format!("<body data-live=\"{seconds}\">")), "{}", page.body);
        assert!(page.says(&format!("refreshed every {seconds} s")));
        assert!(page.says("href=\"/ops/events?state=all\">Stop refreshing</a>"));
        assert!(page.says("role=\"status\"") && !page.says("http-equiv"));
    }
    for none in ["", "soon", "-10", "1.5"] {
        assert!(!console.get(&format!("/ops/?live={none}")).answer()?.says("data-live"), "{none}");
    }
    assert!(console.get("/ops/?live=10&lang=ja").answer()?.says("10 秒ごとに更新"));
    Ok(())
}

#[test]
fn who_is_signed_out_is_offered_no_refresh() -> Result {
    let console = Console::new(&[OPERATORS])?;
    assert!(!console.get("/ops/sign-in").answer()?.says("Refresh every"));
    assert!(console.get("/ops/").bearing(READ_TOKEN).answer()?.says("Refresh every 10 s"));
    Ok(())
}

#[test]
fn the_numbers_that_matter_are_marked_for_the_script() -> Result {
    let console = Console::new(&[])?;
    let page = console.get("/ops/").answer()?;
    assert!(page.says("<p class=\"proof warn\" data-says>"), "{}", page.body);
    assert!(page.says("<p class=\"ok\" data-says>✓ No alert is open."), "{}", page.body);
    assert!(console.get("/ops/events?state=all").answer()?.says("<a data-says href="));
    Ok(())
}
