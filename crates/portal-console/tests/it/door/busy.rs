//! As many pages at once as the host allows, and no more.

use futures::FutureExt as _;
use http::StatusCode;
use portal_contract::stripe::{old, payment};
use portal_contract::{Call, block_on};
use portal_domain::StoreError;

use crate::support::{Console, LIMITS, Result};

/// Shows that a page and the API say that the console is busy.
fn is_busy(console: &Console) -> Result {
    for (language, title) in [("en", "The console is busy"), ("ja", "コンソールが混み合っています")]
    {
        let page = console.get(&format!("/ops/?lang={language}")).answer()?;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.body);
        assert_eq!(page.header("retry-after"), "5");
        assert!(page.says(title), "{}", page.body);
    }
    let data = console.get("/ops/api/v1/events").answer()?;
    assert_eq!((data.status.as_u16(), data.header("retry-after")), (503, "5"));
    assert!(data.says("{\"error\":{\"code\":\"busy\","), "{}", data.body);
    Ok(())
}

#[test]
fn the_fifth_page_at_once_says_that_the_console_is_busy() -> Result {
    let console = Console::new(&[])?;
    let mut held = Vec::new();
    for _ in 0..LIMITS.pages_at_once {
        console.faults.plan(Call::Hangs);
        let mut page = console.get("/ops/events").answering("")?;
        assert!((&mut page).now_or_never().is_none());
        held.push(page);
    }
    is_busy(&console)?;
    let style = console.get("/ops/").answer()?;
    let (_, style) = style.body.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let (style, _) = style.split_once('"').unwrap();
    assert_eq!(console.get(style).answer()?.status, StatusCode::OK);
    held.pop();
    assert_eq!(console.get("/ops/").answer()?.status, StatusCode::OK);
    Ok(())
}

#[test]
fn a_file_counts_until_it_is_sent() -> Result {
    let console = Console::new(&[])?;
    console.record([old(1, "payment_intent.succeeded", payment("pi_1", "succeeded")).event()])?;
    let mut files = Vec::new();
    for _ in 0..LIMITS.pages_at_once {
        files.push(block_on(console.get("/ops/donations.csv").answering("")?));
    }
    is_busy(&console)?;
    files.pop();
    assert_eq!(console.get("/ops/").answer()?.status, StatusCode::OK);
    Ok(())
}

#[test]
fn a_read_that_takes_too_long_is_said_to_and_the_advice_is_to_ask_for_less() -> Result {
    let console = Console::new(&[])?;
    for (path, is_api) in [("/ops/events", false), ("/ops/api/v1/events", true)] {
        console.faults.plan(Call::Fails(StoreError::TimedOut));
        let answer = console.get(path).answer()?;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"));
        assert!(answer.says("The console is busy") && answer.says("Ask for less"));
        assert_eq!(answer.says("\"code\":\"store_timed_out\""), is_api, "{}", answer.body);
    }
    Ok(())
}
