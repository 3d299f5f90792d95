use portal_domain::report::Verdict;
use portal_domain::{Action, Kind, Total};
use portal_outbound::{Language, text};

use crate::notifications::{digest, notification, reported, summary, total};
use crate::texts::assert_text;

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

#[test]
fn a_digest_has_a_line_for_each_total() {
    assert_text(
        digest(a_day()),
        Language::En,
        "Donations of 2026-11-21
- one-time: 15,000 JPY in 3 donations
- recurring: 123.45 USD in 1 donation; 100.00 USD after refunds and disputes
- [test] by invoice: 600 JPY in 2 donations
Not in these totals: 1 pending, 2 failed, 3 provisional.
Events now: 5 dead, 4 awaiting their object.",
    );
    assert_text(
        digest(a_day()),
        Language::Ja,
        "2026年11月21日の寄付
- 単発の寄付: 15,000 円（3 件）
- 継続寄付: 123.45 USD（1 件）、返金などを差し引いて 100.00 USD
- 【テスト環境】請求書による寄付: 600 円（2 件）
このほか: 入金待ち 1 件、失敗 2 件、未確定 3 件
現在: 処理できなかったイベント 5 件、オブジェクト待ちのイベント 4 件",
    );
}

#[test]
fn a_day_without_donations_has_a_line_for_that() {
    assert_text(
        digest(Vec::new()),
        Language::En,
        "Donations of 2026-11-21
- No paid donations
Not in these totals: 1 pending, 2 failed, 3 provisional.
Events now: 5 dead, 4 awaiting their object.",
    );
    assert_text(
        digest(Vec::new()),
        Language::Ja,
        "2026年11月21日の寄付
- 支払い済みの寄付はありません
このほか: 入金待ち 1 件、失敗 2 件、未確定 3 件
現在: 処理できなかったイベント 5 件、オブジェクト待ちのイベント 4 件",
    );
}

#[test]
fn of_many_totals_tests_are_left_out_first() {
    let of = |livemode, amount| total("jpy", Kind::OneTime, livemode, 1, amount);
    let tests = (0..10).map(|amount| of(false, amount));
    let totals: Vec<_> = tests.chain((0..8).map(|amount| of(true, amount))).collect();
    let notification = notification(digest(totals), Action::Trigger, 1);

    let english = text(&notification, Language::En);
    assert_eq!(english.matches("\n- one-time").count(), 8);
    assert_eq!(english.matches("\n- [test]").count(), 2);
    assert!(english.contains("\n… and 8 more\n"), "{english}");
    assert!(text(&notification, Language::Ja).contains("\n… ほか 8 行\n"));
}

#[test]
fn the_last_report_is_one_sentence() {
    let told = |verdict, language| {
        let alert = reported(Vec::new(), Some(summary(verdict, 42)));
        let text = text(&notification(alert, Action::Trigger, 1), language);
        text.lines().skip(4).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        told(Verdict::Complete, Language::En),
        "Complete: 42 of the 42 donations that Stripe shows between 2026-11-19T13:50:00Z and 2026-11-22T13:50:00Z are recorded once; 42 repaired, 42 open (report 12).",
    );
    assert_eq!(
        told(Verdict::Complete, Language::Ja),
        "照合済み: 2026-11-19T13:50:00Z から 2026-11-22T13:50:00Z までに Stripe が示す寄付 42 件のうち、42 件が一度ずつ記録されています。修復 42 件、未解決 42 件（レポート 12）",
    );
}

#[test]
fn an_incomplete_report_names_the_command_that_shows_it() {
    for (verdict, language, begin) in [
        (
            Verdict::Differences,
            Language::En,
            "Incomplete, donations differ: 42 of the 42 donations",
        ),
        (Verdict::Differences, Language::Ja, "照合で差異あり: "),
        (
            Verdict::Unknown,
            Language::En,
            "Incomplete, not all of Stripe could be read: 42 of the 42",
        ),
        (Verdict::Unknown, Language::Ja, "照合できない部分あり: "),
    ] {
        let alert = reported(Vec::new(), Some(summary(verdict, 42)));
        let text = text(&notification(alert, Action::Trigger, 1), language);
        assert!(text.lines().nth(4).unwrap().starts_with(begin), "{text}");
        assert!(text.ends_with(":\ndonation-portal reports show 12"), "{text}");
        assert!(!text.contains("Complete: ") && !text.contains("照合済み"), "{text}");
    }
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
