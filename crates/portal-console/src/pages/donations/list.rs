//! The list of donations, with the sum of all that it shows.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::money::number_for_people;

use super::filter::{filter_form, filter_words};
use crate::Desk;
use crate::adding_up::{sums_or_why_not, sums_unless_many};
use crate::donation_page::DonationPage;
use crate::donation_query::{DonationQuery, cursor_text};
use crate::donation_rows::donation_rows;
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::{limit, pages};

/// The path of the page.
const PATH: &str = "/ops/donations";

pub(crate) async fn donations(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let livemode = livemode(desk, page).await?;
    let query = DonationQuery::read(page, livemode)?;
    let limit = limit(page);
    let sums = sums_unless_many(desk, page, &query.filter).await?;
    let (after, searched) = (query.after.as_ref(), desk.limits.rows_searched);
    let shown = DonationPage::read(&*desk.store, &query.filter, after, limit, searched).await?;
    let next = shown.next.as_ref().map(|(at, id)| cursor_text(*at, id));
    let words = filter_words(page, &query.filter);
    let is_empty = shown.donations.is_empty() && query.after.is_none() && next.is_none();
    Ok(PageContent {
        title: page.pick("Donations", "寄付").to_owned(),
        body: html! {
            (mode_switch(page, livemode))
            (filter_form(page, livemode, &query.filter))
            @if is_empty && words.is_empty() {
                (nothing_yet(page))
            } @else if is_empty {
                (none_match(page, &words, livemode))
            } @else {
                h2 { (page.pick("Sum of what is shown", "表示中の寄付の合計")) }
                (sums_or_why_not(desk, page, sums.as_ref(), &caption(page, &words)))
                h2 { (page.pick("Donations, the last first", "寄付（新しい順）")) }
                (donation_rows(page, &shown.donations))
                (searched_to(desk, page, &shown))
                (links(page, next.as_deref()))
            }
        },
    })
}

/// Says how far the search went, where older donations may match as well.
fn searched_to(desk: &Desk, page: &PageRequest, shown: &DonationPage) -> Markup {
    let number = number_for_people(desk.limits.rows_searched.into());
    html! {
        @if let Some(to) = shown.searched_to {
            p .quiet role="status" {
                (page.pick(
                    format!("{number} donations were searched, back to "),
                    format!("{number} 件の寄付を検索しました。検索範囲: "),
                ))
                (time(page, to))
                (page.pick(". The next page searches older ones.", " 以降。次のページでは、それより古い寄付を検索します。"))
            }
        }
    }
}

fn caption(page: &PageRequest, words: &[String]) -> String {
    let all = page.pick("all donations", "すべての寄付");
    let words = if words.is_empty() { all.to_owned() } else { words.join(" · ") };
    page.pick(format!("Paid donations: {words}"), format!("支払い済みの寄付: {words}"))
}

fn nothing_yet(page: &PageRequest) -> Markup {
    html! {
        p {
            (page.pick(
                "No donation has come yet. Point a webhook endpoint of Stripe at this service (the README says how), or run ",
                "寄付はまだありません。Stripe の Webhook エンドポイントをこのサービスに向けるか（README を参照）、サンプルを見るには次を実行します: ",
            ))
            code { "donation-portal dev" }
            (page.pick(" to see samples.", ""))
        }
    }
}

fn none_match(page: &PageRequest, words: &[String], livemode: bool) -> Markup {
    let clear = if livemode { "?mode=live" } else { "?mode=test" };
    html! {
        p {
            (page.pick("No donation matches: ", "該当する寄付はありません: ")) (words.join(" · ")) " · "
            a href={ (PATH) (clear) } { (page.pick("clear the filter", "条件をすべて外す")) }
        }
    }
}

fn links(page: &PageRequest, next: Option<&str>) -> Markup {
    let file = |ending: &str, extra: &[(&'static str, Option<&str>)]| {
        let keys = [("after", None), ("limit", None)];
        let keys: Vec<_> = keys.into_iter().chain(extra.iter().copied()).collect();
        page.at_with(&format!("{PATH}.{ending}"), &keys)
    };
    html! {
        (pages(page, next))
        p .no-print {
            (page.pick("All of them as a file: ", "該当する全件のファイル: "))
            a href=(file("csv", &[])) { "CSV" } " · "
            a href=(file("csv", &[("excel", Some("1"))])) { (page.pick("CSV for Excel", "Excel 用 CSV")) } " · "
            a href=(file("json", &[])) { "JSON" }
        }
    }
}
