//! The chart of reads at Stripe by day, beside the budget.

use jiff::Timestamp;
use maud::{Markup, html};
use portal_domain::UnixSeconds;
use portal_domain::money::number_for_people;
use portal_domain::read_budget::BUDGET_DAYS;

use crate::charts::{
    BOTTOM, BarPlaces, Chart, HEIGHT, LEFT, LINED, WIDTH, bar_labels, bars, chart, drawn, legend,
    value_axis, y,
};
use crate::page_request::PageRequest;

/// The last whole days by which the forecast goes: those of a week, because a comparison is made each
/// day, and people look on some days of it only.
const FORECAST_DAYS: u8 = 7;

const DAY_SECONDS: i64 = 24 * 3600;

/// Returns the chart of the days of the budget, which are those of UTC; none where no key is set and
/// nothing was read.
pub(super) fn reads_chart(
    page: &PageRequest,
    by_day: &[(i64, u64)],
    budget: Option<u64>,
) -> Markup {
    let Some(budget) = budget.or_else(|| (!by_day.is_empty()).then_some(0)) else {
        return html! {};
    };
    let today = page.now.get().div_euclid(DAY_SECONDS);
    let reads_of = |day: i64| by_day.iter().find(|it| it.0 == day).map_or(0, |it| it.1);
    let days: Vec<_> =
        (today - BUDGET_DAYS + 1..=today).map(|day| (date(day), reads_of(day))).collect();
    let share = budget / BUDGET_DAYS.unsigned_abs();
    let reads = page.pick("Reads", "回数");
    let it = Chart {
        id: "reads",
        title: page.pick("Reads at Stripe by day (UTC)", "日ごとの Stripe の読み取り（UTC）"),
        description: &description(page, &days, budget),
        notes: legend(
            "limit",
            LINED,
            page.pick("a day's share of READ_BUDGET", "READ_BUDGET の 1 日分"),
        ),
        height: HEIGHT,
        marks: marks(&days, share),
        columns: &[(page.pick("Day", "日"), false), (reads, true)],
        rows: html! {
            @for (day, reads) in &days {
                tr { th scope="row" { (day) } td .number { (number_for_people(*reads)) } }
            }
        },
    };
    chart(page, &it)
}

fn description(page: &PageRequest, days: &[(String, u64)], budget: u64) -> String {
    let total: u64 = days.iter().map(|it| it.1).sum();
    // Today is not over.
    let week: u64 = days.iter().rev().skip(1).take(FORECAST_DAYS.into()).map(|it| it.1).sum();
    let forecast = week.saturating_mul(BUDGET_DAYS.unsigned_abs()) / u64::from(FORECAST_DAYS);
    let warning = if forecast > budget { "▲ " } else { "" };
    let (day, most) = days.iter().max_by_key(|it| it.1).cloned().unwrap_or_default();
    let [total, most, forecast, budget] = [total, most, forecast, budget].map(number_for_people);
    page.pick(
        format!("{total} of {budget} in {BUDGET_DAYS} days; the most on {day}: {most}. {warning}At the rate of the last week it comes to {forecast}."),
        format!("{BUDGET_DAYS} 日間で {budget} 回のうち {total} 回。最も多い日は {day} の {most} 回。{warning}直近 1 週間の割合が続くと {forecast} 回になります。"),
    )
}

fn marks(days: &[(String, u64)], share: u64) -> Markup {
    let highest = days.iter().map(|it| it.1).max().unwrap_or_default().max(share);
    let places = BarPlaces::of(days.len());
    let of_day =
        |(place, it): (usize, &(String, u64))| ((places.x(place), y(it.1, highest)), BOTTOM);
    let shown: Vec<_> = days.iter().enumerate().filter(|it| it.1.1 > 0).map(of_day).collect();
    html! {
        (value_axis(highest))
        (bars("one", places.width, &shown))
        (drawn("limit", &format!("M{LEFT} {}H{WIDTH}", y(share, highest))))
        (bar_labels(days.len(), places, &|place| days.get(place).map(|it| it.0.clone()).unwrap_or_default()))
    }
}

/// Returns the date of a day since 1970 in UTC.
fn date(day: i64) -> String {
    let at = UnixSeconds::new(day.saturating_mul(DAY_SECONDS)).unwrap_or_default();
    Timestamp::from_second(at.get()).unwrap_or_default().strftime("%Y-%m-%d").to_string()
}
