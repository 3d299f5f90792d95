//! What one day brought.

use portal_domain::alert::{Digest, ReportSummary};
use portal_domain::money::for_people;
use portal_domain::report::Verdict;
use portal_domain::{Kind, Total};

use super::test_mark;
use crate::language::Language;

/// How many totals are listed. Even if they are the longest, so many fit into Discord's 2000
/// characters.
const TOTALS_MAX: usize = 10;

/// The lines below the first one.
pub(super) fn lines(digest: &Digest, language: Language) -> Vec<String> {
    let mut totals: Vec<_> = digest.totals.iter().collect();
    // What is left out is tests first.
    totals.sort_by_key(|it| !it.livemode);
    let more = totals.len().saturating_sub(TOTALS_MAX);
    let mut lines: Vec<_> = totals.iter().take(TOTALS_MAX).map(|it| line(it, language)).collect();
    if totals.is_empty() {
        lines.push(language.pick("- none paid", "- 支払い済みの寄付はありません").into());
    }
    if more > 0 {
        lines.push(language.pick(format!("… and {more} more"), format!("… ほか {more} 行")));
    }
    lines.extend([not_in_totals(digest, language), events(digest, language)]);
    lines.extend(digest.report.as_ref().map(|it| report(it, language)));
    lines
}

fn line(total: &Total, language: Language) -> String {
    let Total { currency, count, livemode, gross, net, .. } = total;
    let mark = if *livemode { "" } else { test_mark(language) };
    let (kind, given) = (kind(total.kind, language), for_people(*gross, currency));
    let unit = if *count == 1 { "donation" } else { "donations" };
    let line = language.pick(
        format!("- {mark}{kind}: {given} in {count} {unit}"),
        format!("- {mark}{kind}: {given}（{count} 件）"),
    );
    if net == gross {
        return line;
    }
    let remains = for_people(*net, currency);
    language.pick(
        format!("{line}; {remains} after refunds and disputes"),
        format!("{line}、返金などを差し引いて {remains}"),
    )
}

fn kind(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::OneTime => language.pick("one-time", "一回の寄付"),
        Kind::Recurring => language.pick("recurring", "継続寄付"),
        Kind::Invoice => language.pick("by invoice", "請求書による寄付"),
    }
}

fn not_in_totals(digest: &Digest, language: Language) -> String {
    let Digest { pending, failed, provisional, .. } = digest;
    language.pick(
        format!("Besides: {pending} pending, {failed} failed, {provisional} of a kind that is not certain yet."),
        format!("このほか: 支払い待ち {pending} 件、失敗 {failed} 件、種別が未確定 {provisional} 件"),
    )
}

fn events(digest: &Digest, language: Language) -> String {
    let Digest { awaiting_object, dead, .. } = digest;
    language.pick(
        format!("Events now: {dead} dead, {awaiting_object} awaiting their object."),
        format!(
            "現在のイベント: 処理できなかったもの {dead} 件、オブジェクト待ち {awaiting_object} 件"
        ),
    )
}

/// The statement, and where it is not that all is here, the command that tells more.
fn report(summary: &ReportSummary, language: Language) -> String {
    let ReportSummary { number, window, shown, here, repaired, open, .. } = summary;
    let (since, until) = (window.since, window.until);
    let statement = language.pick(
        format!("of the {shown} donations that Stripe shows between {since} and {until}, {here} are here, once; repaired: {repaired}; open: {open}"),
        format!("{since} から {until} までに Stripe が示す寄付 {shown} 件のうち、{here} 件が一度ずつ記録されています。修復 {repaired} 件、未解決 {open} 件"),
    );
    let not_complete = match summary.verdict {
        Verdict::Complete => {
            return language.pick(
                format!("Complete: {statement} (report {number})."),
                format!("照合済み: {statement}（レポート {number}）"),
            );
        }
        Verdict::Differences => language.pick("Not complete", "照合で差異あり"),
        Verdict::Unknown => language.pick(
            "Not known to be complete, because not all could be looked at",
            "照合できない部分あり",
        ),
    };
    let more = format!("donation-portal reports show {number}");
    language.pick(
        format!("{not_complete}: {statement}. More:\n{more}"),
        format!("{not_complete}: {statement}。詳細:\n{more}"),
    )
}
