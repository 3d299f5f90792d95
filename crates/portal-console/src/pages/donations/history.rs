//! The events that tell of a donation.

use maud::{Markup, html};
use portal_domain::{Donation, Event};

use crate::ids::linked;
use crate::money_cells::time;
use crate::page_request::{PageRequest, address};
use crate::tables::table;
use crate::words;

/// Shows the events of a donation, each with what became of it.
pub(super) fn history(page: &PageRequest, donation: &Donation, events: &[Event]) -> Markup {
    let label = page.pick("Its events, the first one first", "イベントの履歴（古い順）");
    let heads = [
        (page.pick("Created", "発生"), false),
        (page.pick("Received", "受信"), false),
        (page.pick("Type", "種類"), false),
        (page.pick("State", "状態"), false),
        (page.pick("Origin", "経路"), false),
        ("id", false),
    ];
    let rows = html! {
        @for event in events {
            @let (class, state) = words::state(page, event.state);
            tr {
                td { (time(page, event.created)) }
                td { (time(page, event.received_at)) }
                td { (event.event_type) }
                td { span class=(class) { (state) } }
                td { (words::origin(page, event.origin)) }
                td { (linked(event.id.as_str())) }
            }
        }
    };
    let all = address("/ops/events", [("state", "all"), ("object", donation.id.as_str())]);
    html! {
        h2 { (label) }
        @if events.is_empty() {
            p { (page.pick("Its events were pruned; the ledger stays.", "イベントは削除済みです。台帳の記録は残ります。")) }
        } @else {
            (table(label, &heads, &rows))
            p .no-print { a href=(all) { (page.pick("All events about it", "この寄付に関するすべてのイベント")) } }
        }
    }
}
