//! The list of lines.

use serde_json::Value;

use super::http::Answer;
use super::lists::{list, shown};
use super::params::{CREATED, PAGES, Params};
use super::{Request, refusal};
use crate::stripe::account::Account;
use crate::stripe::balance::{Line, Listing};
use crate::stripe::object::ObjectKind;
use crate::stripe::render::{Style, line};
use crate::stripe::shelf::PageCursor;

const PATH: &str = "/v1/balance_transactions";

/// Lists all lines, or those of an automatic payout.
pub(super) fn lines(
    account: &Account,
    request: &Request,
    style: Style<'_>,
    now: i64,
) -> Result<Value, Answer> {
    let params = Params::of(&request.query, &[&PAGES, &CREATED, &["payout", "expand[]"]])?;
    if let Some(other) = params.all("expand[]").find(|it| *it != "data.source") {
        let message = format!("This property cannot be expanded ({other}).");
        return Err(refusal::bad_parameter("parameter_invalid", "expand", &message));
    }
    let expands = params.one("expand[]").is_some();
    let payout = params.one("payout");
    if let Some(id) = payout {
        let object = account.object(ObjectKind::Payout, id, now);
        let object = object.ok_or_else(|| refusal::missing(400, "payout", id, "payout"))?;
        if object.is_by_hand() {
            return Err(refusal::not_automatic());
        }
    }
    let mut wanted = params.wanted("balance transaction", |id| account.line(id, now).is_some())?;
    wanted.limit = wanted.limit.min(account.balance.page_max);
    let page = account.line_page(&wanted, payout, style.version, now);
    let again = match &wanted.turn {
        PageCursor::After(id) => account.line(id, now).filter(|it| is_twice(it)),
        PageCursor::First | PageCursor::Before(_) => None,
    };
    let last = page.things.last().map(|it| it.id.as_str()).filter(|_| page.has_more);
    let twice = |it: &&Line| is_twice(it) && last != Some(it.id.as_str());
    let all = page.things.iter().copied();
    let all = all.flat_map(|it| std::iter::once(it).chain(Some(it).filter(twice)));
    let all = again.into_iter().chain(all);
    let data = all.map(|it| line(it, &source(account, it, style, expands, now), style, now));
    Ok(list(PATH, data.collect(), page.has_more))
}

fn is_twice(line: &Line) -> bool {
    matches!(line.listing, Listing::Twice)
}

/// Returns the source of a line: its id, or all of it if it is expanded.
fn source(account: &Account, line: &Line, style: Style<'_>, expands: bool, now: i64) -> Value {
    if let Some(whole) = line.whole.as_ref().and_then(|it| it.get("source")) {
        let id = whole.get("id").filter(|_| !expands);
        return id.unwrap_or(whole).clone();
    }
    let Some((kind, id)) = &line.source else { return Value::Null };
    let object = account.object(*kind, id, now).filter(|_| expands);
    object.map_or_else(|| id.as_str().into(), |it| shown(account, it, style, false, now))
}
