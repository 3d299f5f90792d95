use portal_domain::report::Verdict;
use portal_domain::{Action, Kind, Total};
use portal_outbound::Language;

use crate::notifications::{digest, notification, reported, summary, total};
use crate::texts::{WHOLE, assert_texts, text};

/// The longest text that Discord takes, in characters.
const DISCORD_CHARS_MAX: usize = 2000;

/// Totals of one day, one of them with refunds, and test money before live money.
fn a_day() -> Vec<Total> {
    let mut refunded = total("usd", Kind::Recurring, true, 1, 12_345);
    refunded.net = 10_000;
    vec![
        total("jpy", Kind::Invoice, false, 2, 600),
        total("jpy", Kind::OneTime, true, 3, 15_000),
        refunded,
    ]
}

/// Ten totals of test mode before eight of live mode.
fn many() -> Vec<Total> {
    let of = |livemode, amount| total("jpy", Kind::OneTime, livemode, 1, amount);
    (0..10).map(|it| of(false, it)).chain((0..8).map(|it| of(true, it))).collect()
}

#[test]
fn a_digest_has_a_line_for_each_total_and_leaves_tests_out_first() {
    let digests =
        [("a day", a_day()), ("a day without donations", vec![]), ("many totals", many())];
    let digests = digests.map(|(name, totals)| (name.to_owned(), digest(totals)));
    assert_texts("digests.txt", WHOLE, digests);
}

#[test]
fn the_last_report_is_one_sentence_and_the_command_that_shows_it_if_it_is_incomplete() {
    let told = |it| reported(Vec::new(), Some(summary(it, 42)));
    let verdicts = [Verdict::Complete, Verdict::Differences, Verdict::Unknown];
    let digests = verdicts.map(|it| (it.name().to_owned(), told(it)));
    assert_texts("reports.txt", 4..usize::MAX, digests);
}

#[test]
fn the_longest_digest_with_a_report_fits_everywhere() {
    let mut largest = total("usd", Kind::Invoice, false, u64::MAX, i64::MIN);
    largest.net = i64::MIN + 1;
    for language in Language::ALL {
        let report = summary(Verdict::Unknown, 1_000_000_000);
        let longest = reported(vec![largest.clone(); 100], Some(report));
        let text = text(&notification(longest, Action::Trigger, 1), language);
        assert!(text.chars().count() <= DISCORD_CHARS_MAX, "{}", text.chars().count());
    }
}
