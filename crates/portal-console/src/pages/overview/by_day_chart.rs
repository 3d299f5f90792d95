//! The chart of donations by day, stacked by kind, with its numbers as a table.

use maud::{Markup, html};
use portal_domain::figures::Figures;
use portal_domain::money::number_for_people;
use portal_domain::{Kind, UnixSeconds};

use super::by_day::{ChartRange, DayBar, bars};
use crate::money_cells::time;
use crate::money_words::{KINDS, kind};
use crate::page_request::PageRequest;
use crate::tables::table;

/// The sizes of the drawing, in its own units, which are pixels on a wide screen.
const WIDTH: usize = 720;
const HEIGHT: usize = 200;
const LEFT: usize = 44;
const TOP: usize = 20;
const BOTTOM: usize = 176;

/// A part of a bar: its upper end, its height and its class.
type BarPart = (usize, usize, &'static str);

/// Returns the chart, or a sentence where there are no figures or no donations.
pub(super) fn by_day_chart(
    page: &PageRequest,
    figures: Option<&Figures>,
    range: ChartRange,
    livemode: bool,
) -> Markup {
    let Some(figures) = figures else {
        return html! {
            p .quiet {
                (page.pick(
                    "The chart of donations by day is prepared every few minutes; there is none yet.",
                    "日ごとの寄付のグラフは数分ごとに作成します。まだ作成されていません。",
                ))
            }
        };
    };
    let bars = bars(figures, range, livemode, page.zone());
    let title = page.pick("Donations by day", "日ごとの寄付件数");
    let description = description(page, range, &bars);
    html! {
        figure {
            figcaption {
                strong { (title) } " · " (description) " "
                (legend(page)) (ranges(page, range)) (as_of(page, figures.made_at))
            }
            div .scroll tabindex="0" role="region" aria-label=(title) {
                (drawing(title, &description, &bars))
            }
            (numbers(page, &bars))
        }
    }
}

fn description(page: &PageRequest, range: ChartRange, bars: &[DayBar]) -> String {
    let total = number_for_people(bars.iter().map(DayBar::total).sum());
    let days = range.days();
    let most = bars.iter().max_by_key(|it| it.total()).filter(|it| it.total() > 0);
    let Some(most) = most else {
        return page.pick(
            format!("no donation in {days} days."),
            format!("{days} 日間、寄付はありません。"),
        );
    };
    let (day, highest) = (&most.day, number_for_people(most.total()));
    match range.days_of_bar() {
        1 => page.pick(
            format!("{total} donations in {days} days; the most on {day}: {highest}."),
            format!("{days} 日間で {total} 件。最も多い日は {day} の {highest} 件です。"),
        ),
        _ => page.pick(
            format!(
                "{total} donations in {days} days, by week; the most from {day} on: {highest}."
            ),
            format!(
                "{days} 日間で {total} 件（週ごと）。最も多い週は {day} からの {highest} 件です。"
            ),
        ),
    }
}

fn legend(page: &PageRequest) -> Markup {
    html! {
        @for it in KINDS {
            span .legend {
                svg .mark viewBox="0 0 12 12" aria-hidden="true" { rect class=(class(it)) width="12" height="12" {} }
                (kind(page, it))
            }
            " "
        }
    }
}

fn ranges(page: &PageRequest, shown: ChartRange) -> Markup {
    html! {
        span .no-print {
            @for range in ChartRange::ALL {
                @let days = range.days().to_string();
                a href=(page.with("days", Some(&days))) aria-current=[(range == shown).then_some("true")] {
                    (page.pick(format!("{days} days"), format!("{days} 日間")))
                }
                " "
            }
        }
    }
}

pub(super) fn as_of(page: &PageRequest, at: UnixSeconds) -> Markup {
    html! { span .quiet { (page.pick("as of ", "集計時刻 ")) (time(page, at)) } }
}

fn drawing(title: &str, description: &str, bars: &[DayBar]) -> Markup {
    let highest = bars.iter().map(DayBar::total).max().unwrap_or_default();
    let step = (WIDTH - LEFT - 4) / bars.len().max(1);
    let width = step - step.min(6) / 3;
    let last = bars.len().saturating_sub(1);
    let is_labelled = |place: usize| place == 0 || place == last || place == last / 2;
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-labelledby="by-day-title by-day-desc" {
            title #by-day-title { (title) }
            desc #by-day-desc { (description) }
            line .axis x1=(LEFT) x2=(WIDTH) y1=(BOTTOM) y2=(BOTTOM) {}
            line .axis x1=(LEFT) x2=(WIDTH) y1=(TOP) y2=(TOP) {}
            text x=(LEFT - 6) y=(TOP + 4) text-anchor="end" { (highest) }
            text x=(LEFT - 6) y=(BOTTOM + 4) text-anchor="end" { "0" }
            @for (place, bar) in bars.iter().enumerate() {
                @let x = LEFT + 4 + place * step;
                @for (y, height, class) in parts(bar, highest) {
                    rect class=(class) x=(x) y=(y) width=(width) height=(height) {}
                }
                @if is_labelled(place) {
                    @let anchor = if place == last { "end" } else { "start" };
                    text x=(if place == last { WIDTH } else { x }) y=(HEIGHT - 6) text-anchor=(anchor) { (bar.day) }
                }
            }
        }
    }
}

/// Returns the parts of a bar from below, none of them where the number is 0.
fn parts(bar: &DayBar, highest: u64) -> Vec<BarPart> {
    let room = u64::try_from(BOTTOM - TOP).unwrap_or_default();
    let height = |count: u64| count.saturating_mul(room) / highest.max(1);
    let y = |count| BOTTOM.saturating_sub(usize::try_from(height(count)).unwrap_or(BOTTOM));
    let mut below = 0;
    let mut parts = Vec::new();
    for (kind, count) in KINDS.into_iter().zip(bar.counts).filter(|it| it.1 > 0) {
        let (from, to) = (y(below), y(below + count));
        parts.push((to, from - to, class(kind)));
        below += count;
    }
    parts
}

/// Returns the class in the style sheet of the marks of a kind.
fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::OneTime => "one",
        Kind::Recurring => "recurring",
        Kind::Invoice => "invoice",
    }
}

fn numbers(page: &PageRequest, bars: &[DayBar]) -> Markup {
    let [one, recurring, invoice] = KINDS.map(|it| (kind(page, it), true));
    let day = (page.pick("From", "開始日"), false);
    let heads = [day, one, recurring, invoice, (page.pick("all", "合計"), true)];
    let rows = html! {
        @for bar in bars {
            tr {
                th scope="row" { (bar.day) }
                @for count in bar.counts { td .number { (number_for_people(count)) } }
                td .number { (number_for_people(bar.total())) }
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
