//! The figures of one day.

use portal_domain::alert::{ArrivedPayouts, Digest, ReportSummary};
use portal_domain::report::Verdict;
use portal_domain::{Kind, Total};

use super::{amount_text, test_mark};
use crate::language::{Language, Locale};

/// The most totals that are listed. Even the longest of them fit into Discord's 2000 characters.
const TOTALS_MAX: usize = 10;

/// Returns the lines below the first one.
pub(super) fn lines(digest: &Digest, locale: &Locale) -> Vec<String> {
    let language = locale.language;
    let mut totals: Vec<_> = digest.totals.iter().collect();
    // Totals of test mode are left out first.
    totals.sort_by_key(|it| !it.livemode);
    let more = totals.len().saturating_sub(TOTALS_MAX);
    let mut lines: Vec<_> = totals.iter().take(TOTALS_MAX).map(|it| line(it, language)).collect();
    if totals.is_empty() {
        lines.push(language.pick("- No paid donations", "- 支払い済みの寄付はありません").into());
    }
    if more > 0 {
        lines.push(language.pick(format!("… and {more} more"), format!("… ほか {more} 行")));
    }
    lines.extend([not_in_totals(digest, language), events(digest, language)]);
    lines.extend(digest.payouts.iter().map(|it| payouts(it, language)));
    lines.extend(digest.report.as_ref().map(|it| report(it, locale)));
    lines
}

fn line(total: &Total, language: Language) -> String {
    let Total { currency, count, livemode, gross, net, .. } = total;
    let mark = if *livemode { "" } else { test_mark(language) };
    let (kind, given) = (kind(total.kind, language), amount_text(*gross, currency, language));
    let unit = if *count == 1 { "donation" } else { "donations" };
    let line = language.pick(
        format!("- {mark}{kind}: {given} in {count} {unit}"),
        format!("- {mark}{kind}: {given}（{count} 件）"),
    );
    if net == gross {
        return line;
    }
    let remains = amount_text(*net, currency, language);
    language.pick(
        format!("{line}; {remains} after refunds and disputes"),
        format!("{line}、返金などを差し引いて {remains}"),
    )
}

fn kind(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::OneTime => language.pick("one-time", "単発の寄付"),
        Kind::Recurring => language.pick("recurring", "継続寄付"),
        Kind::Invoice => language.pick("by invoice", "請求書による寄付"),
    }
}

fn payouts(it: &ArrivedPayouts, language: Language) -> String {
    let ArrivedPayouts { currency, livemode, count, explained, amount } = it;
    let mark = if *livemode { "" } else { test_mark(language) };
    let amount = amount_text(*amount, currency, language);
    language.pick(
        format!("{mark}Reached the bank: {amount} in {count} payouts, {explained} explained."),
        format!("{mark}入金: {amount}（{count} 件、うち内訳一致 {explained} 件）"),
    )
}

fn not_in_totals(digest: &Digest, language: Language) -> String {
    let Digest { pending, failed, provisional, .. } = digest;
    language.pick(
        format!(
            "Not in these totals: {pending} pending, {failed} failed, {provisional} provisional."
        ),
        format!("このほか: 入金待ち {pending} 件、失敗 {failed} 件、未確定 {provisional} 件"),
    )
}

fn events(digest: &Digest, language: Language) -> String {
    let Digest { awaiting_object, dead, .. } = digest;
    language.pick(
        format!("Events now: {dead} dead, {awaiting_object} awaiting their object."),
        format!(
            "現在: 処理できなかったイベント {dead} 件、オブジェクト待ちのイベント {awaiting_object} 件"
        ),
    )
}

/// Returns the result of the report; unless it is complete, with the command that shows it.
fn report(summary: &ReportSummary, locale: &Locale) -> String {
    let ReportSummary { number, window, shown, here, repaired, open, .. } = summary;
    let (since, until) = (locale.time(window.since), locale.time(window.until));
    let language = locale.language;
    let statement = language.pick(
        format!("{here} of the {shown} donations that Stripe shows between {since} and {until} are recorded once; {repaired} repaired, {open} open"),
        format!("{since} から {until} までに Stripe が示す寄付 {shown} 件のうち、{here} 件が一度ずつ記録されています。修復 {repaired} 件、未解決 {open} 件"),
    );
    let not_complete = match summary.verdict {
        Verdict::Complete => {
            return language.pick(
                format!("Complete: {statement} (report {number})."),
                format!("照合済み: {statement}（レポート {number}）"),
            );
        }
        Verdict::Differences => language.pick("Incomplete, donations differ", "照合で差異あり"),
        Verdict::Unknown => {
            language.pick("Incomplete, not all of Stripe could be read", "照合できない部分あり")
        }
    };
    let more = format!("donation-portal reports show {number}");
    language.pick(
        format!("{not_complete}: {statement}. More:\n{more}"),
        format!("{not_complete}: {statement}。詳細:\n{more}"),
    )
}
