//! The chart of donations by day, stacked by kind, with its numbers as a table.

use maud::{Markup, html};

use super::by_day::{DayCounts, class};
use crate::money_words::{KINDS, kind};
use crate::page_request::PageRequest;
use crate::tables::table;

/// The sizes of the drawing, in its own units, which are pixels on a wide screen.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 200;
const LEFT: u32 = 40;
const TOP: u32 = 20;
const BOTTOM: u32 = 176;

/// The distance from one day to the next, and the width of a bar.
const STEP: u32 = 22;
const BAR: u32 = 16;

/// A part of a bar: its upper end, its height and its class.
type BarPart = (u32, u32, &'static str);

pub(super) fn by_day_chart(page: &PageRequest, days: &[DayCounts]) -> Markup {
    let title = page.pick("Donations by day", "日ごとの寄付件数");
    let most = days.iter().max_by_key(|it| it.total()).filter(|it| it.total() > 0);
    let Some(most) = most else { return html! {} };
    let total: u32 = days.iter().map(DayCounts::total).sum();
    let (day, highest) = (most.day, most.total());
    let length = days.len();
    let description = page.pick(
        format!("{total} donations in {length} days; the most on {day}: {highest}."),
        format!("{length} 日間で {total} 件。最も多い日は {day} の {highest} 件です。"),
    );
    html! {
        figure {
            figcaption { strong { (title) } " · " (description) " " (legend(page)) }
            div .scroll tabindex="0" role="region" aria-label=(title) {
                (drawing(title, &description, days, highest))
            }
            (numbers(page, days))
        }
    }
}

fn legend(page: &PageRequest) -> Markup {
    html! {
        @for it in KINDS {
            span .legend {
                svg .mark viewBox="0 0 12 12" aria-hidden="true" { rect class=(class(it)) width="12" height="12" {} }
                (kind(page, it)) " "
            }
        }
    }
}

fn drawing(title: &str, description: &str, days: &[DayCounts], highest: u32) -> Markup {
    let last = days.len().saturating_sub(1);
    let labelled = |place: usize| place == 0 || place == last || place == last / 2;
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-labelledby="by-day-title by-day-desc" {
            title #by-day-title { (title) }
            desc #by-day-desc { (description) }
            line .axis x1=(LEFT) x2=(WIDTH) y1=(BOTTOM) y2=(BOTTOM) {}
            line .axis x1=(LEFT) x2=(WIDTH) y1=(TOP) y2=(TOP) {}
            text x=(LEFT - 6) y=(TOP + 4) text-anchor="end" { (highest) }
            text x=(LEFT - 6) y=(BOTTOM + 4) text-anchor="end" { "0" }
            @for (place, (x, day)) in (LEFT + 4..).step_by(STEP as usize).zip(days).enumerate() {
                @for (y, height, class) in parts(day, highest) {
                    rect class=(class) x=(x) y=(y) width=(BAR) height=(height) {}
                }
                @if labelled(place) {
                    text x=(x + BAR / 2) y=(HEIGHT - 6) text-anchor="middle" { (day.day.strftime("%m-%d")) }
                }
            }
        }
    }
}

/// Returns the parts of a bar from below, none of them where the number is 0.
fn parts(day: &DayCounts, highest: u32) -> Vec<BarPart> {
    let height =
        |count: u32| u64::from(count) * u64::from(BOTTOM - TOP) / u64::from(highest.max(1));
    let y = |count| BOTTOM.saturating_sub(u32::try_from(height(count)).unwrap_or(BOTTOM));
    let mut below = 0;
    let mut parts = Vec::new();
    for (kind, count) in KINDS.into_iter().zip(day.counts).filter(|it| it.1 > 0) {
        let (from, to) = (y(below), y(below + count));
        parts.push((to, from - to, class(kind)));
        below += count;
    }
    parts
}

fn numbers(page: &PageRequest, days: &[DayCounts]) -> Markup {
    let heads = [
        (page.pick("Day", "日"), false),
        (page.pick("One-time", "単発の寄付"), true),
        (page.pick("Recurring", "継続寄付"), true),
        (page.pick("By invoice", "請求書による寄付"), true),
        (page.pick("All", "合計"), true),
    ];
    let rows = html! {
        @for day in days {
            tr {
                th scope="row" { (day.day) }
                @for count in day.counts { td .number { (count) } }
                td .number { (day.total()) }
            }
        }
    };
    html! {
        details {
            summary { (page.pick("The numbers as a table", "数値の表")) }
            (table(page.pick("The numbers by day", "日ごとの数値"), &heads, &rows))
        }
    }
}
