//! The chart of the times in which this process has answered deliveries.

use maud::{Markup, html};
use portal_domain::AnswerOutcome;
use portal_domain::money::number_for_people;
use portal_service::{ANSWER_BOUNDS_MICROS, AnswerBuckets, AnswerTimes};

use crate::charts::{
    BOTTOM, BarPlaces, Chart, HEIGHT, LINED, TOP, bars, chart, drawn, legend, value_axis, y,
};
use crate::money_cells::time;
use crate::page_request::PageRequest;

/// The time within which deliveries are to be answered, in microseconds: one of the bounds.
const DUE_MICROS: u64 = 200_000;

/// Returns the chart, or a sentence where the host counts no answers.
pub(super) fn answers(page: &PageRequest, times: Option<&AnswerTimes>) -> Markup {
    let Some(times) = times else {
        return html! {
            p .quiet {
                (page.pick(
                    "Answer times are not shown here: on Workers each isolate knows only its own, and is soon gone. Cloudflare's dashboard has them.",
                    "応答時間は表示しません。Workers では、それぞれの isolate は自分の応答しか知らず、まもなく終了するためです。Cloudflare のダッシュボードで確認できます。",
                ))
            }
        };
    };
    let outcomes = [
        (AnswerOutcome::Recorded, page.pick("recorded", "記録")),
        (AnswerOutcome::Duplicate, page.pick("duplicate", "重複")),
        (AnswerOutcome::Rejected, page.pick("rejected", "拒否")),
        (AnswerOutcome::Unavailable, page.pick("unavailable", "受付不可")),
    ];
    let by_outcome = outcomes.map(|(outcome, _)| times.of(outcome).0);
    let mut all: AnswerBuckets = Default::default();
    for buckets in by_outcome {
        all.iter_mut().zip(buckets).for_each(|(sum, count)| *sum += count);
    }
    let [first, second, third, fourth] = outcomes.map(|(_, name)| (name, true));
    let it = Chart {
        id: "answers",
        title: page.pick("Answer times", "応答時間"),
        description: &description(page, &all),
        notes: html! {
            (legend("limit", LINED, &bound(DUE_MICROS)))
            (page.pick("this replica, since ", "このレプリカのみ、起動時刻 ")) (time(page, times.since()))
        },
        height: HEIGHT,
        marks: marks(&all),
        columns: &[(page.pick("Within", "応答時間"), false), first, second, third, fourth],
        rows: rows(&by_outcome),
    };
    chart(page, &it)
}

fn rows(by_outcome: &[AnswerBuckets]) -> Markup {
    html! {
        @for place in 0..=ANSWER_BOUNDS_MICROS.len() {
            tr {
                th scope="row" { (name(place)) }
                @for buckets in by_outcome {
                    td .number { (number_for_people(buckets.get(place).copied().unwrap_or_default())) }
                }
            }
        }
    }
}

fn description(page: &PageRequest, all: &AnswerBuckets) -> String {
    let count: u64 = all.iter().sum();
    let Some(slowest) = all.iter().rposition(|it| *it > 0) else {
        return page.pick("no delivery was answered yet.", "まだ応答していません。").to_owned();
    };
    let soon: u64 =
        all.iter().zip(ANSWER_BOUNDS_MICROS).filter(|it| it.1 <= DUE_MICROS).map(|it| it.0).sum();
    let (count, soon, due) = (number_for_people(count), number_for_people(soon), bound(DUE_MICROS));
    let slowest = name(slowest);
    page.pick(
        format!(
            "{soon} of {count} deliveries were answered within {due}; the slowest took {slowest}."
        ),
        format!(
            "{count} 件のうち {soon} 件に {due} 以内で応答しました。最も遅い応答は {slowest} です。"
        ),
    )
}

fn marks(all: &AnswerBuckets) -> Markup {
    let highest = all.iter().copied().max().unwrap_or_default();
    let places = BarPlaces::of(all.len());
    let of_bucket = |(place, count): (usize, &u64)| ((places.x(place), y(*count, highest)), BOTTOM);
    let shown: Vec<_> = all.iter().enumerate().filter(|it| *it.1 > 0).map(of_bucket).collect();
    let due = places.x(ANSWER_BOUNDS_MICROS.partition_point(|it| *it <= DUE_MICROS));
    html! {
        (value_axis(highest))
        (bars("one", places.width, &shown))
        (drawn("limit", &format!("M{due} {TOP}V{BOTTOM}")))
        @for place in 0..all.len() {
            text x=(places.middle(place)) y=(HEIGHT - 6) text-anchor="middle" { (name(place).trim_start_matches("≤ ")) }
        }
    }
}

/// Returns the name of a bucket.
fn name(place: usize) -> String {
    match (ANSWER_BOUNDS_MICROS.get(place), ANSWER_BOUNDS_MICROS.last()) {
        (Some(within), _) => format!("≤ {}", bound(*within)),
        (None, last) => format!("> {}", bound(last.copied().unwrap_or_default())),
    }
}

/// Returns a bound for people: `2.5 ms`, `5 s`.
fn bound(micros: u64) -> String {
    let (whole, unit) = if micros < 1_000_000 { (1_000, "ms") } else { (1_000_000, "s") };
    match (micros / whole, micros % whole * 10 / whole) {
        (units, 0) => format!("{units} {unit}"),
        (units, tenths) => format!("{units}.{tenths} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{DUE_MICROS, bound, name};
    use portal_service::ANSWER_BOUNDS_MICROS;

    #[test]
    fn a_bucket_has_the_name_of_its_bound() {
        assert_eq!(
            [0, 1, 7, 10, 11, 12].map(name),
            ["≤ 1 ms", "≤ 2.5 ms", "≤ 200 ms", "≤ 2.5 s", "≤ 5 s", "> 5 s"]
        );
        assert!(ANSWER_BOUNDS_MICROS.contains(&DUE_MICROS) && bound(DUE_MICROS) == "200 ms");
    }
}
