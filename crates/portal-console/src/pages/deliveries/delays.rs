//! The chart of delays: from the creation of events at Stripe to their delivery, by hour.

use std::fmt::Write as _;

use maud::{Markup, html};
use portal_domain::money::number_for_people;
use portal_domain::ports::DELAYS_SECONDS;
use portal_domain::{DeliveryHour, UnixSeconds};
use portal_outbound::duration;

use crate::charts::{
    BOTTOM, BarPlaces, Chart, FILLED, HEIGHT, LINED, TOP, bar_labels, bars, chart, drawn, legend,
    level, logarithm, part_of,
};
use crate::money_cells::short_time;
use crate::page_request::PageRequest;

/// The number of hours that the chart shows.
const HOURS_SHOWN: i64 = 48;

/// The marks of the axis, in seconds. Stripe repeats a delivery for three days.
const MARKS_SECONDS: [u32; 5] = [1, 60, 3600, 24 * 3600, 3 * 24 * 3600];

/// The delays of an hour, as places in [`DELAYS_SECONDS`]; the place after the last one is more.
struct HourDelays {
    at: UnixSeconds,
    events: u64,
    /// Half and 95 % of the events came within these; `None` where none came.
    p50_and_p95: Option<[usize; 2]>,
}

pub(super) fn delays(page: &PageRequest, hours: &[DeliveryHour]) -> Markup {
    let end = page.now.get().div_euclid(3600);
    let shown: Vec<_> = (end - HOURS_SHOWN..end)
        .map(|hour| {
            let found = hours.iter().find(|it| it.hour == hour);
            HourDelays {
                at: UnixSeconds::new(hour * 3600).unwrap_or_default(),
                events: found.map_or(0, |it| it.events),
                p50_and_p95: found
                    .map(|it| [50, 95].map(|percent| delay_of(it.events, &it.within, percent))),
            }
        })
        .collect();
    let [half, most] = [
        page.pick("half within", "半数の上限（p50）"),
        page.pick("95 % within", "95 % の上限（p95）"),
    ];
    let it = Chart {
        id: "delays",
        title: page.pick("From Stripe's event to its delivery", "イベントの発生から受信までの遅延"),
        description: &description(page, hours, end - HOURS_SHOWN, &shown),
        notes: html! { (legend("one", FILLED, most)) (legend("middle", LINED, half)) },
        height: HEIGHT,
        marks: marks(page, &shown),
        columns: &[
            (page.pick("From", "開始"), false),
            (page.pick("Events", "件数"), true),
            (half, true),
            (most, true),
        ],
        rows: rows(page, &shown),
    };
    chart(page, &it)
}

fn rows(page: &PageRequest, shown: &[HourDelays]) -> Markup {
    html! {
        @for it in shown {
            tr {
                th scope="row" { (short_time(page, it.at)) }
                td .number { (number_for_people(it.events)) }
                @for delay in it.p50_and_p95.into_iter().flatten() {
                    td .number { (words(page, delay)) }
                }
                @if it.p50_and_p95.is_none() { td .number { "–" } td .number { "–" } }
            }
        }
    }
}

/// Returns the place of the delay within which so many percent of the events came.
fn delay_of(events: u64, within: &[u64; DELAYS_SECONDS.len()], percent: u64) -> usize {
    let enough = |it: &u64| it.saturating_mul(100) >= events.saturating_mul(percent);
    within.iter().position(enough).unwrap_or(within.len())
}

fn words(page: &PageRequest, delay: usize) -> String {
    let language = page.locale.language;
    match (DELAYS_SECONDS.get(delay), DELAYS_SECONDS.last()) {
        (Some(within), _) => format!("≤ {}", duration(*within, language)),
        (None, Some(last)) => format!("> {}", duration(*last, language)),
        (None, None) => String::new(),
    }
}

fn description(
    page: &PageRequest,
    hours: &[DeliveryHour],
    first: i64,
    shown: &[HourDelays],
) -> String {
    let mut within = [0; DELAYS_SECONDS.len()];
    for hour in hours.iter().filter(|it| it.hour >= first) {
        within.iter_mut().zip(hour.within).for_each(|(sum, count)| *sum += count);
    }
    let events = shown.iter().map(|it| it.events).sum();
    let worst = shown.iter().filter_map(|it| Some((it.p50_and_p95?[1], it.at)));
    let Some((worst, at)) = worst.max_by_key(|it| it.0) else {
        return page.pick(
            format!("no event came in {HOURS_SHOWN} hours."),
            format!("{HOURS_SHOWN} 時間、受信はありません。"),
        );
    };
    let [half, most] = [50, 95].map(|percent| words(page, delay_of(events, &within, percent)));
    let (worst, at, events) = (words(page, worst), short_time(page, at), number_for_people(events));
    page.pick(
        format!("{events} events in {HOURS_SHOWN} hours: half came in {half}, 95 % in {most}. The slowest hour began at {at}: {worst}."),
        format!("{HOURS_SHOWN} 時間で {events} 件。半数は {half}、95 % は {most} で届きました。最も遅いのは {at} からの 1 時間の {worst} です。"),
    )
}

fn marks(page: &PageRequest, shown: &[HourDelays]) -> Markup {
    let places = BarPlaces::of(shown.len());
    let (mut most, mut half) = (Vec::new(), String::new());
    for (place, it) in shown.iter().enumerate() {
        let Some([p50, p95]) = it.p50_and_p95.map(|it| it.map(height)) else { continue };
        let x = places.x(place);
        // One second is seen as well.
        most.push(((x, p95.min(BOTTOM - 2)), BOTTOM));
        write!(half, "M{x} {p50}h{}", places.width).ok();
    }
    html! {
        @for seconds in MARKS_SECONDS {
            (level(y(seconds.into()), &duration(seconds.into(), page.locale.language)))
        }
        (bars("one", places.width, &most))
        (drawn("middle", &half))
        (bar_labels(shown.len(), places, &|place| {
            shown.get(place).map(|it| short_time(page, it.at)).unwrap_or_default()
        }))
    }
}

/// Returns the height of a delay; one that is longer than the axis ends with it.
fn height(delay: usize) -> usize {
    y(DELAYS_SECONDS.get(delay).map_or(u64::MAX, |it| it.unsigned_abs()))
}

fn y(seconds: u64) -> usize {
    let longest = MARKS_SECONDS.last().copied().unwrap_or_default().into();
    BOTTOM - part_of(BOTTOM - TOP, logarithm(seconds), logarithm(longest))
}

#[cfg(test)]
mod tests {
    use super::{BOTTOM, TOP, delay_of, height, y};

    #[test]
    fn a_percentile_is_the_shortest_delay_that_holds_enough_events() {
        let within = [50, 50, 94, 95, 95, 95, 95, 95, 95, 95];
        assert_eq!([50, 51, 95, 96].map(|it| delay_of(100, &within, it)), [0, 2, 3, 10]);
    }

    #[test]
    fn the_axis_goes_from_a_second_to_three_days() {
        assert_eq!([y(1), y(3 * 24 * 3600), height(0), height(10)], [BOTTOM, TOP, BOTTOM, TOP]);
    }
}
