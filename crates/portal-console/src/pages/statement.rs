//! The statement of a period: one sheet for the treasurer, to be printed.

mod coverage;

use std::sync::Arc;

use jiff::ToSpan as _;
use maud::{Markup, html};
use portal_domain::report::Verdict;
use portal_domain::{Donation, UnixSeconds};
use portal_service::period::day_in_zone;

use self::coverage::{Coverage, coverage};
use crate::Desk;
use crate::donation_query::{paid_in, period_bounds};
use crate::ids::linked;
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::money_cells::{money, time};
use crate::money_words::{kind, marks, mode};
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};
use crate::sum_table::{MoneySums, sum_table};
use crate::tables::table;

/// The most rows on the statement; beyond, its CSV has all of them.
const ROWS_MAX: u32 = 1_000;

/// The reports that are searched: those of more than a year, one a day.
const REPORTS_SEARCHED: u32 = 400;

/// The period of a statement, as the address has it, and its bounds.
struct StatementPeriod {
    text: String,
    bounds: [UnixSeconds; 2],
}

pub(crate) async fn statement(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let (store, page) = (&*desk.store, &page);
    let livemode = livemode(&desk, page).await?;
    let period = StatementPeriod::read(page)?;
    let [since, until] = period.bounds;
    let filter = paid_in(period.bounds, livemode);
    let sums = MoneySums::read(store, &filter).await?;
    let reports = store.reports(None, REPORTS_SEARCHED).await?;
    let covered = coverage(&reports, livemode, [since, until.min(page.now)]);
    let mut rows = store.donations(&filter, None, ROWS_MAX + 1).await?;
    let has_more = rows.len() > ROWS_MAX as usize;
    rows.truncate(ROWS_MAX as usize);
    let caption = page.pick("Paid donations of the period", "期間中に支払われた寄付");
    Ok(PageContent {
        title: period.title(page),
        body: html! {
            (mode_switch(page, livemode))
            (form(page, livemode, &period))
            (head(page, livemode, &period))
            (sum_table(page, &sums, caption))
            (reconciliation(page, &covered))
            (notes(page))
            (signatures(page))
            (donations(page, livemode, &period, &rows, has_more))
        },
    })
}

impl StatementPeriod {
    /// Reads the period of the address; without one it is the last month that is over.
    fn read(page: &PageRequest) -> Result<Self, PageError> {
        let text = page.value("period").map(str::to_owned);
        let text = text.or_else(|| last_month(page)).unwrap_or_else(|| "today".to_owned());
        Ok(Self { bounds: period_bounds(page, &text)?, text })
    }

    fn title(&self, page: &PageRequest) -> String {
        let text = match &*self.text {
            "today" | "yesterday" => self.days(page),
            text => match page.pick(None, japanese(text)) {
                Some(japanese) => japanese,
                None => text.to_owned(),
            },
        };
        format!("{} {text}", page.pick("Statement", "明細"))
    }

    /// Returns the first and the last day.
    fn days(&self, page: &PageRequest) -> String {
        let [since, until] = self.bounds;
        let last = until.after(jiff::SignedDuration::from_secs(-1));
        let [first, last] = [since, last].map(|it| day_in_zone(it, page.zone()));
        if first == last { first } else { format!("{first} – {last}") }
    }
}

/// Returns a year, a month or a day as it is written in Japanese.
fn japanese(period: &str) -> Option<String> {
    let parts = period.split('-').zip(["年", "月", "日"]);
    parts.map(|(part, unit)| Some(format!("{}{unit}", part.parse::<u16>().ok()?))).collect()
}

fn last_month(page: &PageRequest) -> Option<String> {
    let now = jiff::Timestamp::from_second(page.now.get()).ok()?.to_zoned(page.zone().clone());
    let before = now.date().first_of_month().checked_sub(1.day()).ok()?;
    Some(before.strftime("%Y-%m").to_string())
}

fn form(page: &PageRequest, livemode: bool, period: &StatementPeriod) -> Markup {
    html! {
        form .filter method="get" action=(page.path) {
            input type="hidden" name="mode" value=(if livemode { "live" } else { "test" });
            div {
                label for="period" { (page.pick("Period (month, year or day)", "期間（月・年・日）")) }
                input id="period" name="period" value=(period.text) placeholder="2026-10" size="14"
                    autocomplete="off" spellcheck="false";
            }
            button type="submit" { (page.pick("Show", "表示")) }
        }
    }
}

fn head(page: &PageRequest, livemode: bool, period: &StatementPeriod) -> Markup {
    let [_, until] = period.bounds;
    html! {
        dl {
            dt { (page.pick("Period", "期間")) }
            dd { (period.days(page)) }
            dt { (page.pick("Mode", "環境")) }
            dd { (mode(page, livemode)) }
            dt { (page.pick("Made at", "作成日時")) }
            dd { (page.locale.time(page.now)) }
        }
        @if until > page.now {
            p .warn { (page.pick("▲ The period is not over.", "▲ この期間はまだ終わっていません。")) }
        }
    }
}

/// The box that says what of the period was compared with Stripe.
fn reconciliation(page: &PageRequest, covered: &Coverage) -> Markup {
    let (class, text) = match covered.verdict {
        Verdict::Complete => (
            "ok",
            page.pick(
                "✓ Compared with Stripe: every donation of the period is here, once.".to_owned(),
                "✓ Stripe と照合済み: 期間中の寄付は、すべて 1 回ずつ記録されています。".to_owned(),
            ),
        ),
        Verdict::Differences => (
            "bad",
            page.pick(
                format!("✕ Compared with Stripe: {} donations differ.", covered.open),
                format!("✕ Stripe と照合した結果、{} 件に差異があります。", covered.open),
            ),
        ),
        Verdict::Unknown => (
            "warn",
            page.pick(
                "? Not all of the period was compared with Stripe.".to_owned(),
                "? この期間には、Stripe と照合していない部分があります。".to_owned(),
            ),
        ),
    };
    html! {
        h2 { (page.pick("Reconciliation", "照合")) }
        div class={ "proof " (class) } {
            p { (text) }
            @if let Some(made_at) = covered.made_at {
                p .quiet {
                    (page.pick("Completeness reports", "照合レポート")) ":"
                    @for number in &covered.reports { " " a href={ "/ops/reports/" (number) } { (number) } }
                    " · " (page.pick("last compared", "最終照合")) " " (time(page, made_at))
                }
            }
            @for [since, until] in &covered.gaps {
                p .quiet {
                    (page.pick("Not compared: ", "未照合: "))
                    (time(page, *since)) " – " (time(page, *until))
                }
            }
        }
    }
}

fn notes(page: &PageRequest) -> Markup {
    html! {
        h2 { (page.pick("Notes", "注記")) }
        ul {
            li { (page.pick("Stripe's fees are not deducted.", "Stripe の手数料は差し引いていません。")) }
            li {
                (page.pick(
                    "Refunds and lost disputes lower the period of the gift, not that of the refund.",
                    "返金と不審請求による減額は、その寄付が支払われた期間の金額から差し引きます。",
                ))
            }
            li {
                (page.pick(
                    "A donation belongs to the day on which it was paid, in the time zone of the service.",
                    "寄付は、サービスのタイムゾーンで支払われた日に属します。",
                ))
            }
        }
    }
}

fn signatures(page: &PageRequest) -> Markup {
    html! {
        div .signatures {
            p { (page.pick("Prepared by, date", "作成者・日付")) }
            p { (page.pick("Checked by, date", "確認者・日付")) }
        }
    }
}

fn donations(
    page: &PageRequest,
    livemode: bool,
    period: &StatementPeriod,
    donations: &[Donation],
    has_more: bool,
) -> Markup {
    let mode = if livemode { "live" } else { "test" };
    let query = [("period", &*period.text), ("state", "paid"), ("mode", mode)];
    let label = page.pick("Donations", "寄付");
    let heads = [
        (page.pick("Paid at", "支払い日時"), false),
        (page.pick("Amount", "金額"), true),
        (page.pick("Refunded", "返金額"), true),
        (page.pick("Lost", "減額"), true),
        (page.pick("Net", "差引額"), true),
        (page.pick("Kind", "種別"), false),
        (page.pick("Remarks", "備考"), false),
        ("id", false),
    ];
    html! {
        section .rows {
            h2 { (label) }
            p .no-print {
                a href=(address("/ops/donations.csv", query)) { "CSV" } " · "
                a href=(address("/ops/donations.csv", query.into_iter().chain([("excel", "1")]))) {
                    (page.pick("CSV for Excel", "Excel 用 CSV"))
                } " · "
                a href=(address("/ops/donations", query)) { (page.pick("as a list", "一覧で見る")) }
            }
            @if has_more {
                p .warn {
                    (page.pick(
                        format!("▲ The last {ROWS_MAX} only; the CSV has all of them."),
                        format!("▲ 最後の {ROWS_MAX} 件のみです。全件は CSV にあります。"),
                    ))
                }
            }
            (table(label, &heads, &html! { @for it in donations { (row(page, it)) } }))
        }
    }
}

fn row(page: &PageRequest, donation: &Donation) -> Markup {
    let money = |amount| money(page, amount, &donation.currency);
    let marks = marks(page, donation).join(page.pick(", ", "、"));
    html! {
        tr {
            td { (time(page, donation.at)) }
            td .number { (money(donation.amount)) }
            td .number { (money(donation.refunded)) }
            td .number { (money(donation.lost)) }
            td .number { (money(donation.net)) }
            td { (kind(page, donation.kind)) }
            td { (marks) }
            td { (linked(donation.id.as_str())) }
        }
    }
}
