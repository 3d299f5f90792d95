//! The chart of events received by hour, beside those that are usual.

use maud::{Markup, html};
use portal_domain::DeliveryHour;
use portal_domain::money::number_for_people;

use super::by_hour::{HOURS_SHOWN, HourBar, UsualEvents, WEEKS, bars};
use crate::charts::{
    BarPlaces, Chart, ChartPoint, FILLED, HEIGHT, LINED, area, bar_labels, chart, legend, line,
    value_axis, y,
};
use crate::money_cells::short_time;
use crate::page_request::PageRequest;

/// Returns the chart, or a sentence where nothing came.
pub(super) fn by_hour_chart(page: &PageRequest, hours: &[DeliveryHour]) -> Markup {
    if hours.is_empty() {
        return html! {
            p .quiet {
                (page.pick(
                    "The chart of events by hour begins with the first full hour in which any came.",
                    "時間ごとの受信件数のグラフは、最初に受信した 1 時間が過ぎると表示します。",
                ))
            }
        };
    }
    let bars = bars(hours, page.now);
    let received = page.pick("received", "実績");
    let usual = page.pick("usual at that hour (median)", "同じ曜日・時刻の見込み（中央値）");
    let range = page.pick("p10–p90 of four weeks", "4 週間の p10–p90");
    let notes = html! {
        (legend("received", LINED, received)) (legend("expected", LINED, usual)) (legend("band", FILLED, range))
        a .no-print href="/ops/deliveries" { (page.pick("Delays and silence", "遅延と途絶")) }
    };
    let shown = Chart {
        id: "by-hour",
        title: page.pick("Events received by hour", "時間ごとの受信件数"),
        description: &description(page, &bars),
        notes,
        height: HEIGHT,
        marks: marks(page, &bars),
        columns: &[
            (page.pick("From", "開始"), false),
            (received, true),
            (page.pick("usual", "見込み"), true),
            ("p10–p90", true),
        ],
        rows: rows(page, &bars),
    };
    chart(page, &shown)
}

fn description(page: &PageRequest, bars: &[HourBar]) -> String {
    let total = number_for_people(bars.iter().map(|it| it.received).sum());
    let most = bars.iter().max_by_key(|it| it.received);
    let (at, most) = most
        .map(|it| (short_time(page, it.at), number_for_people(it.received)))
        .unwrap_or_default();
    let medians: Option<Vec<_>> = bars.iter().map(|it| Some(it.usual.as_ref()?.median)).collect();
    let usual = medians.map(|it| number_for_people(it.iter().sum()));
    let usual = usual.map_or_else(
        || {
            page.pick(
                format!("what is usual is known after two of {WEEKS} weeks"),
                format!("見込みは {WEEKS} 週間のうち 2 週間分の実績があると表示します"),
            )
        },
        |usual| page.pick(format!("{usual} are usual"), format!("見込みは {usual} 件です")),
    );
    page.pick(
        format!("{total} events in {HOURS_SHOWN} hours; {usual}. The most came from {at} on: {most}."),
        format!("{HOURS_SHOWN} 時間で {total} 件。{usual}。最も多いのは {at} からの 1 時間の {most} 件です。"),
    )
}

fn marks(page: &PageRequest, bars: &[HourBar]) -> Markup {
    let usual = |it: &HourBar, of: fn(&UsualEvents) -> u64| it.usual.as_ref().map_or(0, of);
    let most = bars.iter().map(|it| it.received.max(usual(it, |it| it.high)));
    let highest = most.max().unwrap_or_default().max(1);
    let places = BarPlaces::of(bars.len());
    let points = |value: &dyn Fn(&HourBar) -> Option<u64>| -> Vec<ChartPoint> {
        let point = |(place, bar)| Some((places.middle(place), y(value(bar)?, highest)));
        bars.iter().enumerate().filter_map(point).collect()
    };
    let of = |of: fn(&UsualEvents) -> u64| points(&|it| it.usual.as_ref().map(of));
    html! {
        (area("band", &of(|it| it.high), &of(|it| it.low)))
        (value_axis(highest))
        (line("expected", &of(|it| it.median)))
        (line("received", &points(&|it| Some(it.received))))
        (bar_labels(bars.len(), places, &|place| {
            bars.get(place).map(|it| short_time(page, it.at)).unwrap_or_default()
        }))
    }
}

fn rows(page: &PageRequest, bars: &[HourBar]) -> Markup {
    html! {
        @for bar in bars {
            tr {
                th scope="row" { (short_time(page, bar.at)) }
                td .number { (number_for_people(bar.received)) }
                @if let Some(it) = &bar.usual {
                    td .number { (number_for_people(it.median)) }
                    td .number { (number_for_people(it.low)) "–" (number_for_people(it.high)) }
                } @else { td {} td {} }
            }
        }
    }
}
