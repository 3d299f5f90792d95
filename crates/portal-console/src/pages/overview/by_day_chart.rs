//! The chart of donations by day, stacked by kind, with its numbers as a table.

use maud::{Markup, html};
use portal_domain::figures::Figures;
use portal_domain::money::number_for_people;
use portal_domain::{Kind, UnixSeconds};

use super::by_day::{ChartRange, DayBar, bars};
use crate::charts::{
    self, BarPlaces, Chart, ChartBar, FILLED, HEIGHT, bar_labels, chart, legend, value_axis, y,
};
use crate::money_cells::time;
use crate::money_words::{KINDS, kind};
use crate::page_request::PageRequest;

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
    let [one, recurring, invoice] = KINDS.map(|it| (kind(page, it), true));
    let day = (page.pick("From", "開始日"), false);
    let kinds = html! { @for it in KINDS { (legend(class(it), FILLED, kind(page, it))) } };
    let shown = Chart {
        id: "by-day",
        title,
        description: &description,
        notes: html! { (kinds) (ranges(page, range)) (as_of(page, figures.made_at)) },
        height: HEIGHT,
        marks: marks(&bars),
        columns: &[day, one, recurring, invoice, (page.pick("all", "合計"), true)],
        rows: rows(&bars),
    };
    chart(page, &shown)
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

fn marks(bars: &[DayBar]) -> Markup {
    let highest = bars.iter().map(DayBar::total).max().unwrap_or_default();
    let places = BarPlaces::of(bars.len());
    html! {
        (value_axis(highest))
        @for (of_kind, kind) in KINDS.into_iter().enumerate() {
            (charts::bars(class(kind), places.width, &parts(bars, of_kind, places, highest)))
        }
        (bar_labels(bars.len(), places, &|place| bars.get(place).map(|it| it.day.clone()).unwrap_or_default()))
    }
}

/// Returns the parts of the bars that are of the kind at that place, where there are any.
fn parts(bars: &[DayBar], of_kind: usize, places: BarPlaces, highest: u64) -> Vec<ChartBar> {
    let part = |(place, bar): (usize, &DayBar)| {
        let [below, above] = bar.stacked(of_kind);
        (below < above).then(|| ((places.x(place), y(above, highest)), y(below, highest)))
    };
    bars.iter().enumerate().filter_map(part).collect()
}

/// Returns the class in the style sheet of the marks of a kind.
fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::OneTime => "one",
        Kind::Recurring => "recurring",
        Kind::Invoice => "invoice",
    }
}

fn rows(bars: &[DayBar]) -> Markup {
    html! {
        @for bar in bars {
            tr {
                th scope="row" { (bar.day) }
                @for count in bar.counts { td .number { (number_for_people(count)) } }
                td .number { (number_for_people(bar.total())) }
            }
        }
    }
}
