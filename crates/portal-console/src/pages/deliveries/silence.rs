//! The chart of silence: the gaps between deliveries, the limit of the alert, and the present gap.

use std::fmt::Write as _;

use maud::{Markup, html};
use portal_domain::money::number_for_people;
use portal_domain::monitor::{PAST, silence_limit};
use portal_domain::{DeliveryHistory, DeliveryHour, UnixSeconds};
use portal_outbound::duration;

use crate::charts::{Chart, FILLED, LEFT, LINED, WIDTH, chart, drawn, legend, logarithm, part_of};
use crate::money_cells::short_time;
use crate::page_request::PageRequest;

/// The heights of the strip.
const TOP: usize = 20;
const BOTTOM: usize = 86;
const HEIGHT: usize = 110;

/// The marks of the axis, in seconds.
const MARKS_SECONDS: [u32; 5] = [1, 60, 3600, 24 * 3600, 28 * 24 * 3600];

/// The longest gaps that the table lists.
const GAPS_LISTED: usize = 20;

/// A gap between deliveries.
struct Gap {
    seconds: i64,
    /// The hour in which it ended.
    until: UnixSeconds,
}

/// Returns the chart of `hours`; an event that came at `latest` may not be in them yet.
pub(super) fn silence(
    page: &PageRequest,
    hours: &[DeliveryHour],
    latest: Option<UnixSeconds>,
) -> Markup {
    let history = DeliveryHistory::of_hours(hours);
    let last = history.last_received_at.max(latest).unwrap_or(page.now);
    let (present, limit) = (page.now.since(last).max(0), silence_limit(&history));
    let gaps = gaps(hours);
    let [is_now, is_limit] =
        [page.pick("now", "現在"), page.pick("limit of the alert", "アラートの基準")];
    let it = Chart {
        id: "silence",
        title: page.pick("Gaps between deliveries", "受信の間隔"),
        description: &description(page, &gaps, present, limit),
        notes: html! {
            (legend("gap", LINED, page.pick("a gap", "間隔"))) (legend("warning", FILLED, is_now))
            (legend("limit", LINED, is_limit))
        },
        height: HEIGHT,
        marks: marks(page, &gaps, present, limit),
        columns: &[
            (page.pick("Gap", "間隔"), true),
            (page.pick("Ended in the hour from", "終わった時間帯"), false),
        ],
        rows: rows(page, &gaps, [is_now, is_limit], present, limit),
    };
    chart(page, &it)
}

fn rows(
    page: &PageRequest,
    gaps: &[Gap],
    [is_now, is_limit]: [&str; 2],
    present: i64,
    limit: Option<i64>,
) -> Markup {
    let language = page.locale.language;
    html! {
        tr { td .number { (duration(present, language)) } th scope="row" { (is_now) } }
        @if let Some(limit) = limit {
            tr { td .number { (duration(limit, language)) } th scope="row" { (is_limit) } }
        }
        @for gap in gaps.iter().take(GAPS_LISTED) {
            tr {
                td .number { (duration(gap.seconds, language)) }
                th scope="row" { (short_time(page, gap.until)) }
            }
        }
    }
}

/// Returns the longest gap within each hour and that before it, the longest first.
fn gaps(hours: &[DeliveryHour]) -> Vec<Gap> {
    let of_hour = |(place, it): (usize, &DeliveryHour)| {
        let until = UnixSeconds::new(it.hour * 3600).unwrap_or_default();
        // The gap before the first hour began before the time that is shown.
        let before = if place == 0 { 0 } else { it.gap_before_seconds };
        [it.longest_gap_seconds, before].map(|seconds| Gap { seconds, until })
    };
    let all = hours.iter().enumerate().flat_map(of_hour);
    let mut gaps: Vec<_> = all.filter(|it| it.seconds > 0).collect();
    gaps.sort_by_key(|it| -it.seconds);
    gaps
}

fn description(page: &PageRequest, gaps: &[Gap], present: i64, limit: Option<i64>) -> String {
    let language = page.locale.language;
    let (days, present) = (PAST.as_hours() / 24, duration(present, language));
    let (count, longest) = (
        number_for_people(gaps.len().try_into().unwrap_or_default()),
        duration(gaps.first().map_or(0, |it| it.seconds), language),
    );
    let alert = match limit {
        Some(limit) => page.pick(
            format!("The alert is raised after {}.", duration(limit, language)),
            format!("{}を超えるとアラートを出します。", duration(limit, language)),
        ),
        None => page
            .pick(
                "There is too little history for the alert.",
                "アラートの判定には、まだ実績が足りません。",
            )
            .to_owned(),
    };
    page.pick(
        format!("the longest of {count} in {days} days was {longest}; the last event came {present} ago. {alert}"),
        format!("{days} 日間の {count} 件のうち最長は {longest}。最後の受信は {present}前です。{alert}"),
    )
}

fn marks(page: &PageRequest, gaps: &[Gap], present: i64, limit: Option<i64>) -> Markup {
    let mut places: Vec<_> = gaps.iter().map(|it| x(it.seconds)).collect();
    places.dedup();
    let mut ticks = String::new();
    for x in places {
        write!(ticks, "M{x} 34V72").ok();
    }
    let now = x(present);
    html! {
        line .axis x1=(LEFT) x2=(WIDTH) y1=(BOTTOM) y2=(BOTTOM) {}
        @for seconds in MARKS_SECONDS {
            @let x = x(seconds.into());
            line .axis x1=(x) x2=(x) y1=(TOP) y2=(BOTTOM) {}
            text x=(x) y=(HEIGHT - 6) text-anchor=(if x == WIDTH { "end" } else { "middle" }) {
                (duration(seconds.into(), page.locale.language))
            }
        }
        (drawn("gap", &ticks))
        @if let Some(limit) = limit {
            (drawn("limit", &format!("M{0} {TOP}V{BOTTOM}", x(limit))))
        }
        (drawn("warning", &format!("M{now} {BOTTOM}l-7-14h14z")))
    }
}

/// Returns the place of a gap; one beyond the axis stands at its end.
fn x(seconds: i64) -> usize {
    let longest = MARKS_SECONDS.last().copied().unwrap_or_default().into();
    LEFT + part_of(WIDTH - LEFT, logarithm(seconds.unsigned_abs()), logarithm(longest))
}
