//! The first sentence of the console: what is proved about all donations.

use maud::{Markup, html};
use portal_domain::Report;
use portal_domain::report::Verdict;

use crate::page_request::PageRequest;

/// The verdict of the last report in one sentence, or that there is none.
pub(crate) fn proof(page: &PageRequest, report: Option<&Report>) -> Markup {
    let (class, text) = match report {
        Some(report) => sentence(page, report),
        None => (
            "warn",
            page.pick(
                "? Nobody knows if a donation is missing: nothing has been compared with Stripe yet.",
                "? まだ Stripe と照合していないため、漏れがないかどうかはわかりません。",
            )
            .to_owned(),
        ),
    };
    html! { p class={ "proof " (class) } data-says { (text) } }
}

fn sentence(page: &PageRequest, report: &Report) -> (&'static str, String) {
    let (since, until) =
        (page.locale.time(report.window.since), page.locale.time(report.window.until));
    let open = report.open;
    match report.verdict() {
        Verdict::Complete => (
            "ok",
            page.pick(
                format!("✓ Every donation from {since} to {until} is here, once."),
                format!("✓ {since} から {until} までの寄付は、すべて 1 回ずつ記録されています。"),
            ),
        ),
        Verdict::Differences => (
            "bad",
            page.pick(
                format!("✕ Between {since} and {until}, {open} donations differ from Stripe."),
                format!("✕ {since} から {until} までの寄付のうち {open} 件が Stripe と食い違っています。"),
            ),
        ),
        Verdict::Unknown => (
            "warn",
            page.pick(
                format!("? Nobody knows if a donation between {since} and {until} is missing: not all could be read at Stripe."),
                format!("? {since} から {until} までの寄付に漏れがないかどうかはわかりません。Stripe から読み取れないものがありました。"),
            ),
        ),
    }
}
