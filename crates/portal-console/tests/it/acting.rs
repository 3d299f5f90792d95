//! An operator repairs what is dead, from the link of an alert on, and the trail tells of it.

use std::collections::BTreeSet;

use http::StatusCode;
use portal_contract::{an_event, at, batch, block_on, text};
use portal_domain::ports::ActionFilter;
use portal_domain::{ActionResult, ActionVerb, ActionVia, DeadReason, Event, State};

use crate::support::{ACT_TOKEN, Answer, Console, NOW, OPERATORS, READ_TOKEN, Result};

/// Each page that acts on events.
const ACTS: [&str; 3] = ["/ops/events/reprocess", "/ops/events/ignore", "/ops/events/acknowledge"];

/// Records an event that the ledger could not take, though all its facts are there.
fn record_dead(console: &Console, id: &str) -> Result {
    let state = State::Dead(DeadReason::LedgerFailed);
    record(console, Event { state, received_at: at(NOW), ..an_event(id) })
}

fn record(console: &Console, event: Event) -> Result {
    block_on(console.store.record(&batch([event]), at(NOW)))?;
    Ok(())
}

fn state_of(console: &Console, id: &str) -> Result<State> {
    Ok(block_on(console.store.event(&text(id)))?.ok_or("no such event")?.state)
}

/// Returns the entries of the trail: who, which verb, how many, and what came of it.
fn trail(console: &Console) -> Result<Vec<(String, ActionVerb, u64, ActionResult)>> {
    let rows = block_on(console.store.actions(&ActionFilter::default(), 100))?;
    let told = rows.into_iter().map(|it| {
        assert_eq!(it.action.via, ActionVia::Console);
        let outcome = it.outcome.ok_or("it was not finished")?;
        Ok((it.action.who.to_string(), it.action.verb, outcome.count, outcome.result))
    });
    told.collect()
}

/// Presses the button of a page that says what will happen.
fn press(
    console: &Console,
    cookie: &str,
    page: &Answer,
    path: &str,
    ids: &[&str],
) -> Result<Answer> {
    let expect = page.body.split("name=\"expect\" value=\"").nth(1).ok_or("no button")?;
    let expect = expect.split('"').next().unwrap_or_default();
    let ids: String = ids.iter().map(|it| format!("id={it}&")).collect();
    console.form(path).with_cookie(cookie).send(&format!("{ids}expect={expect}"))
}

#[test]
fn from_the_link_of_an_alert_to_reprocessed_in_four_steps() -> Result {
    let console = Console::new(&[OPERATORS])?;
    record_dead(&console, "evt_a")?;
    let cookie = console.sign_in(ACT_TOKEN)?;
    let open = |path: &str| console.get(path).with_cookie(&cookie).answer();
    let alert = open("/ops/alerts/event_dead")?;
    assert!(alert.says("event_dead") && alert.says("/ops/events?state=dead"), "{}", alert.body);
    let events = open("/ops/events?state=dead")?;
    assert!(events.says("/ops/events/evt_a") && events.says("✕ dead"), "{}", events.body);
    let asked = open("/ops/events/reprocess?id=evt_a")?;
    assert!(
        asked.says("Reprocess 1 events?") || asked.says("Reprocess 1 event?"),
        "{}",
        asked.body
    );
    assert_eq!(state_of(&console, "evt_a")?, State::Dead(DeadReason::LedgerFailed));
    let done = press(&console, &cookie, &asked, "/ops/events/reprocess", &["evt_a"])?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(state_of(&console, "evt_a")?, State::Processed);
    let after = open(done.header("location"))?;
    assert!(after.says("reprocessed"), "{}", after.body);
    assert!(open("/ops/alerts")?.says("No alert is open"));
    let due = ("ops".to_owned(), ActionVerb::Reprocess, 1, ActionResult::Done);
    assert_eq!(trail(&console)?, [due]);
    assert!(open("/ops/actions")?.says("ops"));
    Ok(())
}

#[test]
fn ignoring_says_what_it_does_and_can_be_taken_back() -> Result {
    let console = Console::new(&[])?;
    record_dead(&console, "evt_a")?;
    let asked = console.get("/ops/events/ignore?state=dead&lang=ja").answer()?;
    assert!(asked.says("1 件を対象外にしますか"), "{}", asked.body);
    let done = console.form("/ops/events/ignore").send("state=dead&expect=1")?;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(matches!(state_of(&console, "evt_a")?, State::Ignored(_)));
    console.form("/ops/events/reprocess").send("id=evt_a&expect=1")?;
    assert_eq!(state_of(&console, "evt_a")?, State::Processed);
    let verbs: Vec<_> = trail(&console)?.into_iter().map(|it| (it.0, it.1)).collect();
    let by = |verb| ("local".to_owned(), verb);
    assert_eq!(verbs, [by(ActionVerb::Reprocess), by(ActionVerb::Ignore)]);
    Ok(())
}

#[test]
fn where_the_number_has_changed_nothing_is_done() -> Result {
    let console = Console::new(&[])?;
    record_dead(&console, "evt_a")?;
    for act in ACTS {
        let asked = console.get(&format!("{act}?state=dead")).answer()?;
        assert!(asked.says("name=\"expect\" value=\"1\""));
    }
    // Another one dies, and another console has ignored the first.
    record_dead(&console, "evt_b")?;
    for act in ACTS {
        let answer = console.form(act).send("state=dead&expect=1")?;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{act}: {}", answer.body);
        assert!(answer.says("2 match now, not 1: nothing was done"), "{act}");
    }
    assert!(matches!(state_of(&console, "evt_a")?, State::Dead(_)));
    let results: BTreeSet<_> = trail(&console)?.iter().map(|it| it.3.name()).collect();
    assert_eq!(results, BTreeSet::from(["count_differs"]));
    Ok(())
}

#[test]
fn one_who_may_look_changes_nothing() -> Result {
    let console = Console::new(&[OPERATORS])?;
    record_dead(&console, "evt_a")?;
    let cookie = console.sign_in(READ_TOKEN)?;
    let page = console.get("/ops/events").with_cookie(&cookie).answer()?;
    assert!(page.says("evt_a") && !page.says("/ops/events/reprocess"), "{}", page.body);
    for act in ACTS {
        let asked = console.get(&format!("{act}?id=evt_a")).with_cookie(&cookie).answer()?;
        assert_eq!(asked.status, StatusCode::FORBIDDEN);
        let sent = console.form(act).with_cookie(&cookie).send("id=evt_a&expect=1")?;
        assert_eq!(sent.status, StatusCode::FORBIDDEN);
        assert!(sent.says("You may look, and not act"));
    }
    assert!(matches!(state_of(&console, "evt_a")?, State::Dead(_)));
    assert_eq!(trail(&console)?, []);
    Ok(())
}

#[test]
fn a_form_that_selects_nothing_or_cannot_be_read_changes_nothing() -> Result {
    let console = Console::new(&[])?;
    record_dead(&console, "evt_a")?;
    for act in ACTS {
        for form in [
            "",
            "expect=1",
            "id=evt_a",
            "id=evt%20a&expect=1",
            "state=lost&expect=1",
            "id=evt_a&expect=x",
        ] {
            let answer = console.form(act).send(form)?;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{act} {form}");
        }
    }
    assert!(matches!(state_of(&console, "evt_a")?, State::Dead(_)));
    assert_eq!(trail(&console)?, []);
    Ok(())
}

#[test]
fn pages_lose_and_double_no_event_while_others_come_in() -> Result {
    let console = Console::new(&[])?;
    let ids: Vec<_> = (0..25).map(|number| format!("evt_{number:02}")).collect();
    for id in &ids {
        // Several in one second.
        record(&console, Event { received_at: at(NOW), ..an_event(id) })?;
    }
    let (mut seen, mut path) = (Vec::new(), "/ops/events?state=all&limit=10".to_owned());
    for round in 0..3 {
        let page = console.get(&path).answer()?;
        let shown = page.body.split("href=\"/ops/events/evt_").skip(1);
        seen.extend(shown.filter_map(|it| it.split('"').next()).map(|it| format!("evt_{it}")));
        record(
            &console,
            Event { received_at: at(NOW + 1), ..an_event(&format!("evt_new{round}")) },
        )?;
        let links = page.body.split("href=\"").filter_map(|it| it.split_once('"'));
        let next = links.filter(|(_, text)| text.starts_with(">Next page")).last();
        match next {
            Some((next, _)) => path = next.replace("&amp;", "&"),
            None => break,
        }
    }
    let mut due = ids;
    due.reverse();
    assert_eq!(seen, due);
    Ok(())
}

#[test]
fn the_id_box_leads_to_whatever_has_the_id() -> Result {
    let console = Console::new(&[])?;
    record(&console, an_event("evt_1"))?;
    for (id, due) in [
        ("evt_1", "/ops/events/evt_1"),
        ("pi_1", "/ops/donations/pi_1"),
        ("+pi_1+", "/ops/donations/pi_1"),
    ] {
        let answer = console.get(&format!("/ops/go?q={id}")).answer()?;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, due),
            "{id}"
        );
    }
    for id in ["evt_2", "pi_2"] {
        let answer = console.get(&format!("/ops/go?q={id}")).answer()?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.says("Looked in the inbox"));
    }
    assert_eq!(console.get("/ops/go?q=%3Cb%3E").answer()?.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[test]
fn what_is_acknowledged_is_dead_and_no_longer_to_be_looked_at() -> Result {
    let console = Console::new(&[OPERATORS])?;
    record_dead(&console, "evt_a")?;
    let cookie = console.sign_in(ACT_TOKEN)?;
    let open = |path: &str| console.get(path).with_cookie(&cookie).answer();
    assert!(open("/ops/events")?.says("evt_a"));
    let asked = open("/ops/events/acknowledge?id=evt_a")?;
    assert!(asked.says("They stay dead"), "{}", asked.body);
    let done = press(&console, &cookie, &asked, "/ops/events/acknowledge", &["evt_a"])?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(open(done.header("location"))?.says("1 acknowledged."));
    assert_eq!(state_of(&console, "evt_a")?, State::Dead(DeadReason::LedgerFailed));
    let dead = open("/ops/events?state=dead&acknowledged=no")?;
    assert!(
        !dead.says("evt_a") && dead.says("Dead (0)") && dead.says("Acknowledged (1)"),
        "{}",
        dead.body
    );
    assert!(open("/ops/events?state=dead&acknowledged=yes")?.says("evt_a"));
    // Every one of them has been acknowledged, and so has the alert.
    assert!(open("/ops/alerts/event_dead")?.says(">ops<"));
    let due = ("ops".to_owned(), ActionVerb::Acknowledge, 1, ActionResult::Done);
    assert_eq!(trail(&console)?, [due]);
    Ok(())
}

#[test]
fn an_alert_is_silenced_for_a_while_and_by_nobody_who_may_only_look() -> Result {
    let console = Console::new(&[OPERATORS])?;
    record_dead(&console, "evt_a")?;
    let cookie = console.sign_in(ACT_TOKEN)?;
    let open = |path: &str| console.get(path).with_cookie(&cookie).answer();
    assert!(open("/ops/alerts/event_dead")?.says("/ops/alerts/event_dead/silence"));
    let asked = open("/ops/alerts/event_dead/silence")?;
    assert!(asked.says("no channel is notified of it, but of its end"), "{}", asked.body);
    let send =
        |path: &str, cookie: &str, form: &str| console.form(path).with_cookie(cookie).send(form);
    let reader = console.sign_in(READ_TOKEN)?;
    for act in ["acknowledge", "silence", "unsilence"] {
        let sent = send(&format!("/ops/alerts/event_dead/{act}"), &reader, "hours=4")?;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{act}");
    }
    let silence = "/ops/alerts/event_dead/silence";
    for (hours, status) in [
        ("0", StatusCode::BAD_REQUEST),
        ("169", StatusCode::BAD_REQUEST),
        ("x", StatusCode::BAD_REQUEST),
        ("18446744073709551615", StatusCode::BAD_REQUEST),
        ("4", StatusCode::SEE_OTHER),
    ] {
        assert_eq!(send(silence, &cookie, &format!("hours={hours}"))?.status, status, "{hours}");
    }
    let until = |console: &Console| -> Result<_> {
        let row = block_on(console.store.alert(&text("event_dead")))?.ok_or("no alert")?;
        Ok(row.silenced.map(|it| (it.until, it.by.to_string())))
    };
    assert_eq!(until(&console)?, Some((at(NOW + 4 * 3600), "ops".to_owned())));
    assert!(open("/ops/alerts/event_dead")?.says("Silenced until"));
    send("/ops/alerts/event_dead/unsilence", &cookie, "")?;
    assert!(!open("/ops/alerts/event_dead")?.says("Silenced until"));
    for key in ["event_lost", "%3Cb%3E"] {
        let sent = send(&format!("/ops/alerts/{key}/silence"), &cookie, "hours=4")?;
        assert_eq!(sent.status, StatusCode::NOT_FOUND, "{key}");
    }
    Ok(())
}
