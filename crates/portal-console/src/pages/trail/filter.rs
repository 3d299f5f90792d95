//! The filter of the trail: in an address, and as a form.

use maud::{Markup, html};
use portal_domain::{ActionFilter, ActionResult, ActionVerb, Actor};

use crate::filter_fields::{Choice, choices, field};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::period_query::bounds;
use crate::query_key::QueryKey;
use crate::words;

const WHO: QueryKey = QueryKey { key: "who", form: "ops | treasurer | … | cli" };

const VERB: QueryKey = QueryKey { key: "verb", form: "reprocess | ignore | …" };

const RESULT: QueryKey =
    QueryKey { key: "result", form: "done | found_wrong | count_differs | cancelled | failed" };

const AFTER: QueryKey = QueryKey { key: "after", form: "12" };

/// # Errors
/// [`PageError::BadQuery`] for the first key whose value is none of its own.
pub(crate) fn action_filter(page: &PageRequest) -> Result<ActionFilter, PageError> {
    let (since, until) = bounds(page)?;
    Ok(ActionFilter {
        who: WHO.value(page, Actor::new)?,
        verb: VERB.value(page, ActionVerb::from_name)?,
        result: RESULT.value(page, ActionResult::from_name)?,
        since,
        until,
        after: AFTER.value(page, |it| it.parse().ok())?,
    })
}

/// Returns the form whose fields are the keys of the address.
pub(super) fn filter_form(page: &PageRequest, by: &ActionFilter) -> Markup {
    let verbs = ActionVerb::NAMES.iter().filter_map(|it| ActionVerb::from_name(it));
    let verbs: Vec<Choice> =
        verbs.map(|it| (it.name(), words::verb(page, it), by.verb == Some(it))).collect();
    let results = ActionResult::NAMES.iter().filter_map(|it| ActionResult::from_name(it));
    let results: Vec<Choice> = results
        .map(|it| (it.name(), words::result(page, Some(it)).1, by.result == Some(it)))
        .collect();
    html! {
        form .filter method="get" action=(page.path) role="search" aria-label=(page.pick("Filter", "絞り込み")) {
            (field(page, WHO.key, page.pick("Who", "利用者"), "cli"))
            (choices(page, VERB.key, page.pick("Action", "操作"), &verbs))
            (choices(page, RESULT.key, page.pick("Result", "結果"), &results))
            (field(page, "period", page.pick("Period", "期間"), "2026-10 · today · 30d"))
            (field(page, "since", page.pick("From", "開始日"), "2026-10-01"))
            (field(page, "until", page.pick("To (included)", "終了日（その日を含む）"), "2026-10-31"))
            button type="submit" { (page.pick("Show", "表示")) }
        }
    }
}
