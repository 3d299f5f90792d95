//! The list of events, by state.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::money::number_for_people;
use portal_domain::{Backlog, Event, EventFilter, EventId, Selection, State, UnixSeconds};

use super::selection::{KEYS, selection};

use crate::Desk;
use crate::ids::linked;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};
use crate::tables::{cut, limit, pages, table};
use crate::words;

pub(crate) async fn events(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let backlog = desk.store.backlog().await?;
    let mut which = selection(page, &page.query)?;
    if page.value("state").is_none() && backlog.dead > backlog.acknowledged && !is_filtered(page) {
        which.state = Some("dead");
        which.acknowledged = Some(false);
    }
    let (shown, acknowledged) = (which.state, which.acknowledged);
    let EventPage { events, next, searched_to } = event_page(desk, page, which).await?;
    let acts = page.visitor.as_ref().is_some_and(|it| it.may_act());
    Ok(PageContent {
        title: page.pick("Events", "イベント").to_owned(),
        body: html! {
            (done(page))
            (tabs(page, shown, acknowledged, backlog))
            (filter_form(page))
            @if events.is_empty() {
                (nothing(page, shown, searched_to))
            } @else if acts {
                // The buttons lead to a page that says what will happen.
                form method="get" {
                    (event_table(page, &events, true))
                    p .no-print {
                        button formaction="/ops/events/reprocess" { (page.pick("Reprocess those ticked …", "選択したものを再試行…")) }
                        " "
                        button formaction="/ops/events/acknowledge" { (page.pick("Acknowledge those ticked …", "選択したものを確認済みにする…")) }
                        " "
                        button formaction="/ops/events/ignore" { (page.pick("Ignore those ticked …", "選択したものを対象外にする…")) }
                    }
                }
                (all_that_match(page, shown))
            } @else {
                (event_table(page, &events, false))
            }
            (searched(desk, page, searched_to))
            (pages(page, next.as_deref()))
        },
    })
}

/// The events of a page, the last received first.
pub(crate) struct EventPage {
    pub(crate) events: Vec<Event>,
    /// The value of `after` for the next page.
    pub(crate) next: Option<String>,
    /// The time of the last event that was looked at, where the search ended before the page was full.
    searched_to: Option<UnixSeconds>,
}

pub(crate) async fn event_page(
    desk: &Desk,
    page: &PageRequest,
    which: Selection,
) -> Result<EventPage, PageError> {
    let (limit, since) = (limit(page), which.since);
    let search = (!which.is_found_by_index()).then_some(desk.limits.rows_searched);
    let filter =
        EventFilter { before: before(page)?, search, ..EventFilter::last(limit + 1, which) };
    let events = desk.store.events(&filter).await?;
    let (events, next) = cut(events, limit, cursor);
    if next.is_none() && search.is_some() {
        let end = desk.store.search_end(&filter).await?;
        if let Some(end) = end.filter(|it| since.is_none_or(|since| it.received_at >= since)) {
            let searched_to = Some(end.received_at);
            return Ok(EventPage { events, next: Some(cursor(&end)), searched_to });
        }
    }
    Ok(EventPage { events, next, searched_to: None })
}

fn cursor(event: &Event) -> String {
    format!("{}:{}", event.received_at.get(), event.id)
}

/// True if the view has another filter than the tab.
fn is_filtered(page: &PageRequest) -> bool {
    KEYS.iter().any(|key| *key != "state" && page.value(key).is_some())
}

/// Returns the last event of the page before: `TIME:ID`.
fn before(page: &PageRequest) -> Result<Option<(UnixSeconds, EventId)>, PageError> {
    let Some(text) = page.value("after") else { return Ok(None) };
    let read = || {
        let (at, id) = text.split_once(':')?;
        Some((UnixSeconds::new(at.parse().ok()?)?, EventId::new(id)?))
    };
    let bad = PageError::BadQuery { key: "after", form: "TIME:ID of the last event before" };
    read().map(Some).ok_or(bad)
}

/// Says what the form before this page did, in numbers and words of ours.
fn done(page: &PageRequest) -> Markup {
    let count = page.value("n").and_then(|it| it.parse::<u64>().ok());
    let left = page.value("left").and_then(|it| it.parse::<u64>().ok()).unwrap_or_default();
    let text = match (page.value("done"), count) {
        (Some("reprocess"), Some(n)) => page.pick(
            format!("{n} reprocessed, {left} of them still dead."),
            format!("{n} 件を再試行しました。うち {left} 件は、まだ処理できません。"),
        ),
        (Some("ignore"), Some(n)) => {
            page.pick(format!("{n} ignored."), format!("{n} 件を対象外にしました。"))
        }
        (Some("acknowledge"), Some(n)) => {
            page.pick(format!("{n} acknowledged."), format!("{n} 件を確認済みにしました。"))
        }
        _ => return html! {},
    };
    html! { p .bar role="status" { (text) } }
}

fn tabs(
    page: &PageRequest,
    shown: Option<&'static str>,
    acknowledged: Option<bool>,
    backlog: Backlog,
) -> Markup {
    let counted = |count: u64| {
        let more = if count >= Backlog::COUNTED_MAX { "+" } else { "" };
        format!(" ({count}{more})")
    };
    let Backlog { dead, awaiting_object, acknowledged: reviewed } = backlog;
    let dead = dead.saturating_sub(reviewed);
    let tabs = [
        ("state=dead&acknowledged=no", page.pick("Dead", "処理できなかったもの"), counted(dead)),
        ("state=dead&acknowledged=yes", page.pick("Acknowledged", "確認済み"), counted(reviewed)),
        ("state=awaiting_object", page.pick("Awaiting", "取得待ち"), counted(awaiting_object)),
        ("state=processed", page.pick("Processed", "処理済み"), String::new()),
        ("state=ignored", page.pick("Ignored", "対象外"), String::new()),
        ("state=all", page.pick("All", "すべて"), String::new()),
    ];
    let acknowledged =
        acknowledged.map(|it| if it { "&acknowledged=yes" } else { "&acknowledged=no" });
    let here = format!("state={}{}", shown.unwrap_or("all"), acknowledged.unwrap_or_default());
    html! {
        ul .tabs {
            @for (query, name, count) in tabs {
                li {
                    a data-says href={ "/ops/events?" (query) } aria-current=[(here == query).then_some("page")] {
                        (name) (count)
                    }
                }
            }
        }
    }
}

fn filter_form(page: &PageRequest) -> Markup {
    html! {
        form .filter method="get" action="/ops/events" role="search" aria-label=(page.pick("Filter", "絞り込み")) {
            @if let Some(state) = page.value("state") {
                input type="hidden" name="state" value=(state);
            }
            div {
                label for="type" { (page.pick("Type", "種類")) }
                input #type name="type" value=[page.value("type")] placeholder="invoice.paid";
            }
            div {
                label for="object" { (page.pick("About the object", "対象の ID")) }
                input #object name="object" value=[page.value("object")] placeholder="pi_…";
            }
            button type="submit" { (page.pick("Filter", "絞り込む")) }
            a href="/ops/events" { (page.pick("Clear", "解除")) }
        }
    }
}

/// Says how far the search went, where older events may match as well.
fn searched(desk: &Desk, page: &PageRequest, to: Option<UnixSeconds>) -> Markup {
    let number = number_for_people(desk.limits.rows_searched.into());
    html! {
        @if let Some(to) = to {
            p .quiet role="status" {
                (page.pick(
                    format!("{number} events were searched, back to "),
                    format!("{number} 件のイベントを検索しました。検索範囲: "),
                ))
                (time(page, to))
                (page.pick(". The next page searches older ones.", " 以降。次のページでは、それより古いイベントを検索します。"))
            }
        }
    }
}

fn nothing(page: &PageRequest, shown: Option<&str>, searched_to: Option<UnixSeconds>) -> Markup {
    html! {
        @if searched_to.is_some() {
            p { (page.pick("None of these events matches.", "この範囲に、条件に合うイベントはありません。")) }
        } @else if is_filtered(page) || page.value("after").is_some() {
            p { (page.pick("No event matches the filter.", "条件に合うイベントはありません。")) }
        } @else if shown == Some("dead") {
            p .ok { (page.pick("✓ No event is dead.", "✓ 処理できなかったイベントはありません。")) }
        } @else if shown.is_none() {
            p {
                (page.pick(
                    "Nothing has come yet. Point Stripe's endpoint at /api/webhooks/stripe of this service, or run donation-portal dev.",
                    "まだ何も届いていません。Stripe のエンドポイントにこのサービスの /api/webhooks/stripe を登録するか、donation-portal dev を試してください。",
                ))
            }
        } @else {
            p { (page.pick("No event is in this state.", "この状態のイベントはありません。")) }
        }
    }
}

fn event_table(page: &PageRequest, events: &[Event], with_boxes: bool) -> Markup {
    let label = page.pick("Events, the last received first", "イベント（新しい順）");
    let mut columns = vec![
        (page.pick("Received", "受信日時"), false),
        (page.pick("Type", "種類"), false),
        (page.pick("State", "状態"), false),
        ("id", false),
        (page.pick("Object", "対象"), false),
    ];
    if with_boxes {
        columns.insert(0, (page.pick("Tick", "選択"), false));
    }
    let rows = html! {
        @for event in events {
            tr {
                @if with_boxes {
                    td { input type="checkbox" name="id" value=(event.id) aria-label=(event.id); }
                }
                td { (time(page, event.received_at)) }
                td { (event.event_type) @if !event.livemode { " " span .badge.test { (words::mode(page, false)) } } }
                td { (state_cell(page, event.state)) }
                td { (linked(event.id.as_str())) }
                td { @if let Some(object) = &event.object_id { (linked(object.as_str())) } }
            }
        }
    };
    table(label, &columns, &rows)
}

pub(super) fn state_cell(page: &PageRequest, state: State) -> Markup {
    let (class, text) = words::state(page, state);
    html! {
        span class=(class) { (text) }
        @if let Some(reason) = words::reason(page, state) { span .quiet { " · " (reason) } }
    }
}

/// Links that act on all events of the view, whichever page shows them.
fn all_that_match(page: &PageRequest, shown: Option<&'static str>) -> Markup {
    let state = page.value("state").or(shown).map(|it| ("state", it));
    let others = page.query.iter().filter(|(key, _)| key != "state" && KEYS.contains(&&**key));
    let view: Vec<_> = state.into_iter().chain(others.map(|(key, it)| (&**key, &**it))).collect();
    let to = |path| address(path, view.iter().copied());
    // All events there are is no selection.
    if view.iter().all(|it| *it == ("state", "all")) {
        return html! {};
    }
    html! {
        p .no-print {
            @if shown != Some("awaiting_object") {
                a href=(to("/ops/events/reprocess")) {
                    (page.pick("Reprocess all that match …", "条件に合うすべてを再試行…"))
                }
            }
            @if matches!(shown, None | Some("dead" | "awaiting_object")) {
                " · "
                a href=(to("/ops/events/ignore")) {
                    (page.pick("Ignore all that match …", "条件に合うすべてを対象外にする…"))
                }
            }
        }
    }
}
