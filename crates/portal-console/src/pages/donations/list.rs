//! The list of donations, with the sum of all that it shows.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::figures::{DayFigures, Figures};
use portal_domain::money::number_for_people;
use portal_domain::{DonationFilter, StoreError};

use super::filter::{filter_form, filter_words};
use crate::Desk;
use crate::donation_query::{DonationQuery, cursor_text};
use crate::donation_rows::donation_rows;
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::sum_table::{MoneySums, sum_table};
use crate::tables::{cut, limit, pages};

/// The key of the query, and its value, with which the sum of many donations is asked for.
const SUMS: &str = "sums";
const ALL: &str = "all";

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
    let sums = match is_added_up(desk, page, &query.filter).await? {
        true => Some(MoneySums::read(&*desk.store, &query.filter).await?),
        false => None,
    };
    let after = query.after.as_ref().map(|(at, id)| (*at, id));
    let rows = desk.store.donations(&query.filter, after, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |it| cursor_text(it.at, &it.id));
    let words = filter_words(page, &query.filter);
    let is_empty = rows.is_empty() && query.after.is_none();
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
                @if let Some(sums) = &sums {
                    (sum_table(page, sums, &caption(page, &words)))
                } @else {
                    (too_many(desk, page))
                }
                h2 { (page.pick("Donations, the last first", "寄付（新しい順）")) }
                (donation_rows(page, &rows))
                (links(page, next.as_deref()))
            }
        },
    })
}

/// True if the donations of the filter's period are few enough to be added up for each view of the page,
/// by the prepared figures, or their sum was asked for.
async fn is_added_up(
    desk: &Desk,
    page: &PageRequest,
    filter: &DonationFilter,
) -> Result<bool, StoreError> {
    if page.value(SUMS) == Some(ALL) {
        return Ok(true);
    }
    let days = Figures::read(&*desk.store).await?.map(|it| it.days).unwrap_or_default();
    let is_within = |it: &&DayFigures| {
        filter.since.is_none_or(|since| it.until > since)
            && filter.until.is_none_or(|until| it.since < until)
    };
    let totals = days.iter().filter(is_within).flat_map(|it| &it.totals);
    let of_mode = totals.filter(|it| filter.livemode.is_none_or(|mode| mode == it.livemode));
    Ok(of_mode.map(|it| it.count).sum::<u64>() <= desk.limits.donations_added_up)
}

fn too_many(desk: &Desk, page: &PageRequest) -> Markup {
    let most = number_for_people(desk.limits.donations_added_up);
    html! {
        p {
            (page.pick(
                format!("More than {most} donations are not added up unasked: choose a shorter period, or "),
                format!("{most} 件を超える寄付は自動では合計しません。期間を短くするか、"),
            ))
            a href=(page.with(SUMS, Some(ALL))) { (page.pick("add them up", "合計を計算")) }
            (page.pick(".", "してください。"))
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
