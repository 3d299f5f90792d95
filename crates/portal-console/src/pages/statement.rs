//! The statement of a period: one sheet for the treasurer, to be printed.

mod at_stripe;
mod period;
mod rows;

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::report::Verdict;
use portal_outbound::Language;

use self::at_stripe::{AtStripe, at_stripe};
use self::period::ERA;
pub(crate) use self::period::StatementPeriod;
use self::rows::{rows, rows_max};
use portal_service::donation_columns::mode;

use crate::Desk;
use crate::adding_up::{sums_or_why_not, sums_unless_many};
use crate::coverage::{Coverage, coverage};
use crate::donation_page::DonationPage;
use crate::donation_query::paid_in;
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::words;

/// The reports that are searched: those of more than a year, one a day.
const REPORTS_SEARCHED: u32 = 400;

pub(crate) async fn statement(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let (store, page) = (&*desk.store, &page);
    let livemode = livemode(&desk, page).await?;
    let period = StatementPeriod::read(page)?;
    let [since, until] = period.bounds;
    let filter = paid_in(period.bounds, livemode);
    let sums = sums_unless_many(&desk, page, &filter).await?;
    let reports = store.reports(None, REPORTS_SEARCHED).await?;
    let covered = coverage(&reports, livemode, [since, until.min(page.now)]);
    let searched = desk.limits.rows_searched;
    let shown = DonationPage::read(store, &filter, None, rows_max(page)?, searched).await?;
    let read = AtStripe::read(store, page, livemode, &period).await?;
    let caption = page.pick("Paid donations of the period", "期間中に支払われた寄付");
    Ok(PageContent {
        title: period.title(page),
        body: html! {
            (mode_switch(page, livemode))
            (period_form(page, livemode, &period, &era(page)))
            (head(page, livemode, &period))
            (sums_or_why_not(&desk, page, sums.as_ref(), caption))
            (at_stripe(page, &period, read.as_ref()))
            (reconciliation(page, &covered))
            (notes(page))
            (signatures(page))
            (rows(page, livemode, &period, &shown))
        },
    })
}

/// The form that asks for a period, with `more` fields and links.
pub(crate) fn period_form(
    page: &PageRequest,
    livemode: bool,
    period: &StatementPeriod,
    more: &Markup,
) -> Markup {
    html! {
        form .filter method="get" action=(page.path) {
            input type="hidden" name="mode" value=(mode(livemode));
            div {
                label for="period" { (page.pick("Period (month, day, year, or fy2026)", "期間（月・日・年、または fy2026）")) }
                input id="period" name="period" value=(period.text) placeholder="2026-10" size="14"
                    autocomplete="off" spellcheck="false";
            }
            button type="submit" { (page.pick("Show", "表示")) }
            (more)
        }
    }
}

/// Keeps the era in the form, and links to the page with it or without.
fn era(page: &PageRequest) -> Markup {
    html! {
        @if let Some(era) = page.value(ERA) { input type="hidden" name=(ERA) value=(era); }
        @if page.locale.language == Language::Ja {
            @let (other, name) = if page.value(ERA).is_some() { (None, "西暦のみで表示") } else { (Some("1"), "和暦を併記") };
            a href=(page.with(ERA, other)) { (name) }
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
            dd { (words::mode(page, livemode)) }
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
            li {
                (page.pick(
                    "Stripe's fees are not deducted from donations. They count when they were taken, and a deposit on the day on which the bank has it.",
                    "寄付の金額から Stripe の手数料は差し引いていません。手数料は差し引かれた日に、入金は銀行口座に届いた日に属します。",
                ))
            }
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
