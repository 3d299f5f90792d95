//! The calendar of completeness: a cell for each day, with what was compared of it. It is a table, so
//! that paper has it as well.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};
use portal_domain::Report;
use portal_domain::report::Verdict;
use portal_domain::time::Day;

use crate::coverage::coverage;
use crate::page_request::PageRequest;
use crate::tables::table;
use crate::words::mode;

/// The number of days before today that the calendar begins with; then it goes on from the Monday
/// before.
const DAYS: i32 = 42;

/// The verdict of reports on a day, and the last one of them.
struct CalendarDay {
    date: Date,
    verdict: DayVerdict,
    report: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DayVerdict {
    Complete,
    Differences,
    Unknown,
    NoReport,
}

/// Returns the calendar up to yesterday, of the mode of the last report.
pub(super) fn calendar(page: &PageRequest, reports: &[(u64, Report)]) -> Markup {
    let Some((_, last)) = reports.first() else { return html! {} };
    let days = days(page, reports, last.livemode);
    let count = |verdict| days.iter().filter(|it| it.verdict == verdict).count();
    let title = page.pick("Completeness by day", "日ごとの照合");
    let [complete, differ] = [DayVerdict::Complete, DayVerdict::Differences].map(count);
    let all = days.len();
    let described = page.pick(
        format!("of {all} days {complete} are complete, {differ} have differences."),
        format!("{all} 日のうち照合済みは {complete} 日、差異ありは {differ} 日です。"),
    );
    let names = page.pick(
        ["Week from", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        ["週の開始日", "月", "火", "水", "木", "金", "土", "日"],
    );
    let rows = html! {
        @for week in days.chunks(7) {
            tr {
                th scope="row" { @if let Some(first) = week.first() { (first.date) } }
                @for day in week { (cell(page, day)) }
            }
        }
    };
    html! {
        figure {
            figcaption {
                strong { (title) } " · " (described) " "
                @for verdict in DayVerdict::ALL {
                    @let (class, sign, words) = verdict.words(page);
                    span .legend { span class=(class) { (sign) } " " (words) } " "
                }
                @if !last.livemode { span .badge.test { (mode(page, false)) } }
            }
            (table(title, &names.map(|it| (it, false)), &rows))
        }
    }
}

fn cell(page: &PageRequest, day: &CalendarDay) -> Markup {
    let (class, sign, words) = day.verdict.words(page);
    let mark = html! {
        (day.date.day()) " " span class=(class) aria-hidden="true" { (sign) } span .hidden { (words) }
    };
    html! {
        td { @if let Some(number) = day.report { a href={ "/ops/reports/" (number) } { (mark) } } @else { (mark) } }
    }
}

/// Returns the days from a Monday to yesterday.
fn days(page: &PageRequest, reports: &[(u64, Report)], livemode: bool) -> Vec<CalendarDay> {
    let now = Timestamp::from_second(page.now.get()).unwrap_or_default();
    let today = now.to_zoned(page.zone().clone()).date();
    let first = today.saturating_sub(DAYS.days());
    let first = first.saturating_sub(first.weekday().to_monday_zero_offset().days());
    let dates = first.series(1.day()).take_while(|it| *it < today);
    let day = |date| {
        let Day { since, until, .. } = Day::of(date, page.zone())?;
        let covered = coverage(reports, livemode, [since, until]);
        let verdict = match (covered.reports.is_empty(), covered.verdict) {
            (true, _) => DayVerdict::NoReport,
            (false, Verdict::Complete) => DayVerdict::Complete,
            (false, Verdict::Differences) => DayVerdict::Differences,
            (false, Verdict::Unknown) => DayVerdict::Unknown,
        };
        Some(CalendarDay { date, verdict, report: covered.reports.first().copied() })
    };
    dates.filter_map(day).collect()
}

impl DayVerdict {
    const ALL: [Self; 4] = [Self::Complete, Self::Differences, Self::Unknown, Self::NoReport];

    /// Returns the class, the sign and the words.
    fn words(self, page: &PageRequest) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Complete => ("ok", "✓", page.pick("complete", "照合済み")),
            Self::Differences => ("bad", "▲", page.pick("differences", "差異あり")),
            Self::Unknown => ("warn", "?", page.pick("not all compared", "照合できない部分あり")),
            Self::NoReport => ("quiet", "–", page.pick("no report", "照合なし")),
        }
    }
}
