//! One event: its envelope, what is kept of it, and what became of it.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::{Event, EventId, State};
use portal_outbound::duration;
use portal_service::facts_by_path::facts_by_path;

use super::list::state_cell;
use crate::Desk;
use crate::ids::{linked, with_copy};
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::table;
use crate::words;

pub(crate) async fn event(
    desk: Arc<Desk>,
    page: PageRequest,
    id: String,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let id = &*id;
    let id = EventId::new(id).ok_or(PageError::NotFound)?;
    let event = desk.store.event(&id).await?.ok_or(PageError::NoSuchId)?;
    Ok(PageContent {
        title: format!("{} {}", page.pick("Event", "イベント"), event.event_type),
        body: html! {
            p { (with_copy(page, event.id.as_str(), event.livemode)) }
            p { (state_cell(page, event.state)) }
            (actions(page, &event))
            (envelope(page, &event))
            (facts(page, &event))
        },
    })
}

fn actions(page: &PageRequest, event: &Event) -> Markup {
    let may_act = page.visitor.as_ref().is_some_and(|it| it.may_act());
    let can_be_ignored = matches!(event.state, State::Dead(_) | State::AwaitingObject { .. });
    let can_be_reprocessed = !matches!(event.state, State::AwaitingObject { .. });
    html! {
        @if may_act {
            p .no-print {
                @if can_be_reprocessed {
                    a .button href={ "/ops/events/reprocess?id=" (event.id) } { (page.pick("Reprocess …", "再試行…")) }
                }
                @if matches!(event.state, State::Dead(_)) {
                    " "
                    a .button href={ "/ops/events/acknowledge?id=" (event.id) } { (page.pick("Acknowledge …", "確認済みにする…")) }
                }
                @if can_be_ignored {
                    " "
                    a .button href={ "/ops/events/ignore?id=" (event.id) } { (page.pick("Ignore …", "対象外にする…")) }
                }
            }
        }
    }
}

fn envelope(page: &PageRequest, event: &Event) -> Markup {
    let delay = event.received_at.since(event.created).max(0);
    html! {
        dl {
            dt { (page.pick("Mode", "環境")) }
            dd { (words::mode(page, event.livemode)) }
            dt { (page.pick("Created at Stripe", "Stripe での発生")) }
            dd { (time(page, event.created)) }
            dt { (page.pick("Received", "受信")) }
            dd {
                (time(page, event.received_at)) " "
                span .quiet { (page.pick("after", "発生から")) " " (duration(delay, page.locale.language)) }
            }
            @if let Some(at) = event.fetched_at {
                dt { (page.pick("Object fetched", "対象の取得")) }
                dd { (time(page, at)) }
            }
            dt { (page.pick("Origin", "経路")) }
            dd { (words::origin(page, event.origin)) }
            @if let Some(object) = &event.object_id {
                dt { (page.pick("Object", "対象")) }
                dd { (linked(object.as_str())) }
            }
            @if let Some(snapshot) = &event.snapshot_event {
                dt { (page.pick("Its snapshot event", "対応するスナップショットイベント")) }
                dd { (linked(snapshot.as_str())) }
            }
            @if let Some(version) = &event.api_version {
                dt { (page.pick("API version", "API バージョン")) }
                dd { (version) }
            }
            @if let Some(account) = &event.account {
                dt { (page.pick("Account", "アカウント")) }
                dd .id { (account) }
            }
        }
    }
}

/// The facts that are kept, each with its path; amounts are in minor units, times in the time zone.
fn facts(page: &PageRequest, event: &Event) -> Markup {
    let facts = event.facts.iter().flat_map(|it| facts_by_path(it, page.zone()));
    let rows: Vec<_> = facts.collect();
    let label = page.pick("Facts that are kept", "保存している内容");
    let table_rows = html! {
        @for (name, value) in &rows {
            tr { th scope="row" .id { (name) } td .id { (value) } }
        }
    };
    html! {
        h2 { (label) }
        @if rows.is_empty() {
            p { (page.pick("None is kept of such an event.", "この種類のイベントからは何も保存していません。")) }
        } @else {
            (table(label, &[(page.pick("Fact", "項目"), false), (page.pick("Value", "値"), false)], &table_rows))
        }
        p .quiet {
            (page.pick(
                "Payloads are not kept: they have personal data. Stripe's Dashboard shows them for 30 days or so.",
                "ペイロードは個人情報を含むため保存していません。Stripe のダッシュボードで一定期間確認できます。",
            ))
        }
    }
}
