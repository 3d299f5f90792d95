//! The frame of charts, and the marks that they are drawn of: SVG by hand, with a table below.

use std::fmt::Write as _;

use maud::{Markup, html};
use portal_domain::money::number_for_people;

use crate::page_request::PageRequest;
use crate::tables::table;

/// The sizes of a drawing, in its own units, which are pixels on a wide screen.
pub(crate) const WIDTH: usize = 720;
pub(crate) const HEIGHT: usize = 200;
pub(crate) const LEFT: usize = 56;
pub(crate) const TOP: usize = 20;
pub(crate) const BOTTOM: usize = 176;

/// A point of a drawing, from its left and from its top.
pub(crate) type ChartPoint = (usize, usize);

/// A chart with what stands around it.
pub(crate) struct Chart<'a> {
    /// The beginning of the ids of its texts, which are those of one page.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The total and the extreme, in words.
    pub(crate) description: &'a str,
    /// The rest of the caption: a legend, links.
    pub(crate) notes: Markup,
    pub(crate) height: usize,
    pub(crate) marks: Markup,
    /// The table of the numbers.
    pub(crate) columns: &'a [(&'a str, bool)],
    pub(crate) rows: Markup,
}

pub(crate) fn chart(page: &PageRequest, it: &Chart<'_>) -> Markup {
    let (title, desc) = (format!("{}-title", it.id), format!("{}-desc", it.id));
    html! {
        figure {
            figcaption { strong { (it.title) } " · " (it.description) " " (it.notes) }
            div .scroll tabindex="0" role="region" aria-label=(it.title) {
                svg viewBox={ "0 0 " (WIDTH) " " (it.height) } role="img" aria-labelledby={ (title) " " (desc) } {
                    title id=(title) { (it.title) }
                    desc id=(desc) { (it.description) }
                    (it.marks)
                }
            }
            details {
                summary { (page.pick("The numbers as a table", "数値の表")) }
                (table(&page.pick(format!("{}: numbers", it.title), format!("{}の数値", it.title)), it.columns, &it.rows))
            }
        }
    }
}

/// The marks of a legend: of bars and areas, and of lines.
pub(crate) const FILLED: &str = "M0 0h12v12H0z";
pub(crate) const LINED: &str = "M0 6h12";

/// The mark of a class with its meaning.
pub(crate) fn legend(class: &str, mark: &str, meaning: &str) -> Markup {
    html! {
        span .legend {
            svg .mark viewBox="0 0 12 12" aria-hidden="true" { path class=(class) d=(mark) {} }
            (meaning)
        }
        " "
    }
}

/// The places of bars side by side.
#[derive(Clone, Copy)]
pub(crate) struct BarPlaces {
    count: usize,
    pub(crate) width: usize,
}

impl BarPlaces {
    const ROOM: usize = WIDTH - LEFT - 4;

    pub(crate) fn of(count: usize) -> Self {
        let step = Self::ROOM / count.max(1);
        Self { count: count.max(1), width: step - step.min(6) / 3 }
    }

    /// Returns the left edge of a bar.
    pub(crate) fn x(self, place: usize) -> usize {
        LEFT + 4 + place * Self::ROOM / self.count
    }

    /// Returns the middle of a bar.
    pub(crate) fn middle(self, place: usize) -> usize {
        self.x(place) + self.width / 2
    }
}

/// Returns the height at which a value stands, of values from 0 to `highest`.
pub(crate) fn y(value: u64, highest: u64) -> usize {
    BOTTOM - part_of(BOTTOM - TOP, value, highest)
}

/// Returns the part of `room` that `value` is of `whole`.
pub(crate) fn part_of(room: usize, value: u64, whole: u64) -> usize {
    let part = u128::from(value.min(whole)) * room as u128 / u128::from(whole.max(1));
    usize::try_from(part).unwrap_or(room)
}

/// Returns the logarithm of a number of seconds, in parts of which [`DOUBLING`] are a doubling: straight
/// between the powers of two, which no eye can see.
pub(crate) fn logarithm(seconds: u64) -> u64 {
    let seconds = seconds.max(1);
    let whole = seconds.ilog2();
    u64::from(whole) * DOUBLING + ((seconds << 8) >> whole) - DOUBLING
}

/// The parts of a doubling in a [`logarithm`].
const DOUBLING: u64 = 256;

/// Draws the axis of values from 0 to `highest`.
pub(crate) fn value_axis(highest: u64) -> Markup {
    html! { (level(BOTTOM, "0")) (level(TOP, &number_for_people(highest))) }
}

/// Draws a line across the drawing at a height, with its label.
pub(crate) fn level(y: usize, label: &str) -> Markup {
    html! {
        line .axis x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
        text x=(LEFT - 6) y=(y + 4) text-anchor="end" { (label) }
    }
}

/// Writes below the first bar, that in the middle and the last one what they are.
pub(crate) fn bar_labels(
    count: usize,
    places: BarPlaces,
    name: &dyn Fn(usize) -> String,
) -> Markup {
    let last = count.saturating_sub(1);
    html! {
        @for place in (0..count).filter(|it| [0, last / 2, last].contains(it)) {
            @let (x, anchor) = if place == last { (WIDTH, "end") } else { (places.x(place), "start") };
            text x=(x) y=(HEIGHT - 6) text-anchor=(anchor) { (name(place)) }
        }
    }
}

/// A bar: its left upper corner, and its lower end.
pub(crate) type ChartBar = (ChartPoint, usize);

/// Draws bars of one class.
pub(crate) fn bars(class: &str, width: usize, bars: &[ChartBar]) -> Markup {
    let mut path = String::new();
    for ((x, upper), lower) in bars {
        write!(path, "M{x} {upper}h{width}V{lower}h-{width}z").ok();
    }
    drawn(class, &path)
}

/// Draws a line through points.
pub(crate) fn line(class: &str, points: &[ChartPoint]) -> Markup {
    drawn(class, &through(points))
}

/// Draws the area between two lines.
pub(crate) fn area(class: &str, upper: &[ChartPoint], lower: &[ChartPoint]) -> Markup {
    let around: Vec<_> = upper.iter().chain(lower.iter().rev()).copied().collect();
    drawn(class, &through(&around))
}

fn through(points: &[ChartPoint]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        // Further pairs behind a move are lines.
        let before = if place == 0 { "M" } else { " " };
        write!(path, "{before}{x} {y}").ok();
    }
    path
}

/// Draws a path of one class, if there is any.
pub(crate) fn drawn(class: &str, path: &str) -> Markup {
    html! { @if !path.is_empty() { path class=(class) d=(path) {} } }
}

#[cfg(test)]
mod tests {
    use super::{BOTTOM, DOUBLING, TOP, logarithm, y};

    #[test]
    fn a_value_stands_between_the_ends_of_the_axis() {
        assert_eq!([0, 5, 10, 11].map(|it| y(it, 10)), [BOTTOM, (TOP + BOTTOM) / 2, TOP, TOP]);
        assert_eq!(y(0, 0), BOTTOM);
        assert_eq!(y(u64::MAX, u64::MAX), TOP);
    }

    #[test]
    fn a_logarithm_grows_by_the_same_for_each_doubling() {
        assert_eq!([0, 1, 2, 4, 1 << 18].map(logarithm), [0, 0, 1, 2, 18].map(|it| it * DOUBLING));
        assert!((1..100_000).all(|it| logarithm(it) <= logarithm(it + 1)));
    }
}
