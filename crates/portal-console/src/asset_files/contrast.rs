//! Contrast of the colours of the style sheet, as WCAG 2.2 computes it. Rules in a browser leave the
//! text of charts and signs undecided.

#![expect(clippy::float_arithmetic, reason = "a contrast is a ratio, and no money")]

use std::collections::BTreeMap;

use super::STYLE;

/// The colours of text, which need 4.5 : 1 (<https://www.w3.org/TR/WCAG22/#contrast-minimum>).
const TEXT: [&str; 6] = ["ink", "ink2", "link", "ok", "warn", "bad"];

/// The colours of borders of controls and of marks in charts, which need 3 : 1
/// (<https://www.w3.org/TR/WCAG22/#non-text-contrast>).
const MARKS: [&str; 4] = ["ctl", "one", "recurring", "invoice"];

/// The colours that both stand on.
const GROUNDS: [&str; 2] = ["bg", "card"];

/// The colours that tell nothing.
const ORNAMENTS: [&str; 1] = ["line"];

/// The text on a colour that is no ground: the main button, and the badge of test mode.
const INVERTED: [(&str, &str); 2] = [("bg", "link"), ("bg", "warn")];

/// Red, green and blue.
type Colour = [u8; 3];

#[test]
fn text_and_marks_can_be_told_from_what_they_stand_on() {
    let colours = colours();
    let pairs = |on: &[&'static str], what: &[&'static str]| -> Vec<(&str, &str)> {
        on.iter().flat_map(|on| what.iter().map(|it| (*it, *on)).collect::<Vec<_>>()).collect()
    };
    for (due, pairs) in [
        (4.5, pairs(&GROUNDS, &TEXT)),
        (4.5, pairs(&["bar"], &["ink", "link"])),
        (4.5, INVERTED.to_vec()),
        (3.0, pairs(&GROUNDS, &MARKS)),
    ] {
        for (it, on) in pairs {
            for (scheme, name) in ["light", "dark"].iter().enumerate() {
                let found = contrast(colours[it][scheme], colours[on][scheme]);
                assert!(found >= due, "--{it} on --{on}, {name}: {found:.2} : 1, not {due} : 1");
            }
        }
    }
}

#[test]
fn each_colour_is_one_of_these() {
    let mut named = [&TEXT[..], &MARKS, &GROUNDS, &ORNAMENTS, &["bar"]].concat();
    named.sort_unstable();
    assert_eq!(colours().into_keys().collect::<Vec<_>>(), named);
    let others: Vec<_> = STYLE.split('#').skip(1).filter(|it| colour(it).is_some()).collect();
    // Two for each, and the sheet of paper.
    assert_eq!(others.len(), 2 * named.len() + 1, "a colour stands outside of the list");
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
    // https://webaim.org/resources/contrastchecker/ says 4.54.
    assert!((contrast([118; 3], [255; 3]) - 4.54).abs() < 0.01);
}

/// Returns the colours of both schemes by name.
fn colours() -> BTreeMap<&'static str, [Colour; 2]> {
    let pairs = STYLE.split("light-dark(").collect::<Vec<_>>();
    let named = pairs.windows(2).map(|it| {
        let before = it[0].rsplit(['{', ';', '\n']).next().unwrap();
        let name = before.trim_end_matches(':').trim_start_matches("--");
        // The bar is the one ground that is not named.
        let name = if name == "background" { "bar" } else { name };
        let (light, dark) = it[1].split_once(')').unwrap().0.split_once(',').unwrap();
        (name, [light, dark].map(|it| colour(it.trim_start_matches('#')).unwrap()))
    });
    named.collect()
}

/// Reads the colour that `text` begins with: three or six hex digits.
fn colour(text: &str) -> Option<Colour> {
    let digits: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
    let parts: Vec<_> = match digits.len() {
        3 => digits.chars().map(|it| format!("{it}{it}")).collect(),
        6 => [0, 2, 4].map(|it| digits[it..it + 2].to_owned()).to_vec(),
        _ => return None,
    };
    let parts: Vec<_> = parts.iter().map(|it| u8::from_str_radix(it, 16).unwrap()).collect();
    parts.try_into().ok()
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.map(|it| {
        let part = f64::from(it) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
