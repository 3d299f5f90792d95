//! The list of events.

use portal_contract::{an_event, text};
use portal_domain::Event;

use crate::support::{Console, LIMITS, Result};

/// The path of the list of what is rare.
const RARE: &str = "/ops/events?type=charge.failed";

/// Records more events than one page looks at. The first and the last are of a type of their own.
fn console() -> Result<Console> {
    let console = Console::new(&[])?;
    let last = LIMITS.rows_searched + 20;
    let event = |n: u32| {
        let rare = if n == 0 || n == last { "charge.failed" } else { "charge.succeeded" };
        Event { event_type: text(rare), ..an_event(&format!("evt_{n}")) }
    };
    console.record((0..=last).map(event))?;
    Ok(console)
}

/// Returns the address of the next page.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\">Next page</a>")?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.replace("&amp;", "&"))
}

#[test]
fn a_list_of_what_is_rare_says_how_far_it_searched_and_goes_on_from_there() -> Result {
    let console = console()?;
    let first = console.get(RARE).answer()?;
    assert!(first.says("evt_120") && !first.says("evt_0<"), "{}", first.body);
    assert!(first.says("100 events were searched, back to "), "{}", first.body);
    let second = console.get(&next(&first.body).ok_or("no next page")?).answer()?;
    assert!(second.says("evt_0<") && !second.says("evt_120"), "{}", second.body);
    assert!(!second.says("were searched") && next(&second.body).is_none(), "{}", second.body);
    Ok(())
}

#[test]
fn where_nothing_of_what_was_searched_matches_older_events_are_not_denied() -> Result {
    let console = console()?;
    let page = console.get("/ops/events?type=charge.refunded").answer()?;
    assert!(page.says("None of these events matches.") && next(&page.body).is_some());
    let page = console.get(&next(&page.body).ok_or("no next page")?).answer()?;
    assert!(page.says("No event matches the filter."), "{}", page.body);
    Ok(())
}

#[test]
fn what_an_index_finds_is_not_searched_for() -> Result {
    let console = console()?;
    for filter in ["state=dead", "object=pi_1&type=charge.failed", "id=evt_0"] {
        let page = console.get(&format!("/ops/events?{filter}")).answer()?;
        assert!(!page.says("were searched"), "{filter}: {}", page.body);
    }
    assert!(console.get("/ops/events?object=pi_1&type=charge.failed").answer()?.says("evt_0<"));
    Ok(())
}

#[test]
fn the_api_goes_on_from_a_page_that_is_short() -> Result {
    let console = console()?;
    let path = "/ops/api/v1/events?type=charge.failed";
    let page: serde_json::Value = serde_json::from_str(&console.get(path).answer()?.body)?;
    let next = page["next"].as_str().ok_or("no next page")?;
    let second = console.get(&format!("{path}&after={next}")).answer()?;
    let second: serde_json::Value = serde_json::from_str(&second.body)?;
    assert_eq!(
        (&page["data"][0]["id"], &second["data"][0]["id"]),
        (&"evt_120".into(), &"evt_0".into())
    );
    assert!(second["next"].is_null(), "{second}");
    Ok(())
}
