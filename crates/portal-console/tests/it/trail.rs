//! An operator looks for what was done, and takes it along as a file.

use portal_contract::{at, block_on, text};
use portal_domain::{ActionOutcome, ActionResult, ActionScope, ActionVerb, ActionVia, NewAction};

use crate::support::{Console, NOW, Result};

const DAY: i64 = 86_400;

/// Enters an action that was begun so many days ago.
fn enter(
    console: &Console,
    who: &str,
    verb: ActionVerb,
    days: i64,
    result: Option<ActionResult>,
) -> Result {
    let scope = ActionScope { ids: vec![text("evt_a"), text("evt_b")], ..ActionScope::default() };
    let action = NewAction { who: text(who), via: ActionVia::Console, verb, scope };
    let begun = at(NOW - days * DAY);
    let seq = block_on(console.store.begin_action(&action, begun))?;
    if let Some(result) = result {
        block_on(console.store.finish_action(seq, &ActionOutcome { at: begun, count: 2, result }))?;
    }
    Ok(())
}

fn a_trail() -> Result<Console> {
    let console = Console::new(&[])?;
    enter(&console, "treasurer", ActionVerb::Reconcile, 40, Some(ActionResult::FoundWrong))?;
    enter(&console, "ops", ActionVerb::Ignore, 3, Some(ActionResult::Done))?;
    enter(&console, "cli", ActionVerb::Ignore, 2, Some(ActionResult::Failed))?;
    enter(&console, "cli", ActionVerb::Prune, 1, None)?;
    Ok(console)
}

#[test]
fn the_files_of_the_trail_have_what_the_filter_shows() -> Result {
    let console = a_trail()?;
    for (query, due) in [
        ("", vec!["4", "3", "2", "1"]),
        ("who=cli", vec!["4", "3"]),
        ("verb=ignore", vec!["3", "2"]),
        ("verb=ignore&result=done", vec!["2"]),
        ("result=found_wrong", vec!["1"]),
        ("period=7d&who=ops", vec!["2"]),
        ("since=7d", vec!["4", "3", "2"]),
        ("since=7d&limit=1&after=4", vec!["3"]),
    ] {
        let page = console.get(&format!("/ops/actions?{query}")).answer()?;
        let rows = page.body.matches("<td class=\"id\">").count();
        assert_eq!(rows, due.len(), "{query}: {}", page.body);
        let json = console.get(&format!("/ops/api/v1/actions?{query}")).answer()?;
        for it in &due {
            assert!(json.says(&format!("\"number\":{it},")), "{query}: {}", json.body);
        }
        if query.contains("limit") {
            continue;
        }
        let csv = console.get(&format!("/ops/actions.csv?{query}")).answer()?;
        let numbers: Vec<_> =
            csv.body.lines().skip(1).filter_map(|it| it.split(',').next()).collect();
        assert_eq!(numbers, due, "{query}: {}", csv.body);
        let lines = console.get(&format!("/ops/actions.json?{query}")).answer()?;
        assert_eq!(lines.body.lines().count(), due.len(), "{query}");
    }
    Ok(())
}

#[test]
fn a_line_of_the_file_is_that_of_the_command_line() -> Result {
    let csv = a_trail()?.get("/ops/actions.csv?who=ops").answer()?;
    let begun = NOW - 3 * DAY;
    let due = format!(
        "number,at,who,via,verb,scope,count,result,finished_at\n\
         2,{begun},ops,console,ignore,evt_a evt_b,2,done,{begun}\n"
    );
    assert_eq!(csv.body, due);
    assert!(csv.header("content-disposition").contains("actions.csv"));
    Ok(())
}

#[test]
fn a_filter_that_lets_nothing_through_is_no_empty_trail() -> Result {
    let console = a_trail()?;
    assert!(console.get("/ops/actions?who=nobody").answer()?.says("No action matches."));
    for bad in ["who=Hanako+Yamada", "verb=dance", "result=maybe", "after=x", "period=soon"] {
        assert_eq!(console.get(&format!("/ops/actions?{bad}")).answer()?.status, 400, "{bad}");
        assert_eq!(console.get(&format!("/ops/actions.csv?{bad}")).answer()?.status, 400, "{bad}");
    }
    Ok(())
}
