//! The list of entries, the last first.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::{ActionFilter, ActionRow};

use super::filter::{action_filter, filter_form};
use crate::Desk;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::{cut, limit, pages, table};
use crate::words;

pub(crate) async fn trail(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let by = action_filter(page)?;
    let limit = limit(page);
    let rows = desk.store.actions(&by, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |it| it.seq.to_string());
    Ok(PageContent {
        title: page.pick("Actions", "操作履歴").to_owned(),
        body: html! {
            (filter_form(page, &by))
            @if !rows.is_empty() {
                (entry_table(page, &rows))
                (pages(page, next.as_deref()))
                (files(page))
            } @else if by == ActionFilter::default() {
                p { (page.pick("Nobody has done anything yet.", "操作はまだありません。")) }
            } @else {
                p {
                    (page.pick("No action matches.", "該当する操作はありません。")) " "
                    a href=(page.path) { (page.pick("Clear the filter", "条件をすべて外す")) }
                }
            }
        },
    })
}

fn entry_table(page: &PageRequest, rows: &[ActionRow]) -> Markup {
    let label = page.pick("Actions, the last first", "操作（新しい順）");
    let columns = [
        (page.pick("Begun", "日時"), false),
        (page.pick("Who", "利用者"), false),
        (page.pick("By", "経路"), false),
        (page.pick("Action", "操作"), false),
        (page.pick("Count", "件数"), true),
        (page.pick("Result", "結果"), false),
    ];
    let entries = html! {
        @for row in rows {
            @let (class, result) = words::result(page, row.outcome.map(|it| it.result));
            tr {
                td { (time(page, row.at)) }
                td .id { (row.action.who) }
                td { (words::via(page, row.action.via)) }
                td { (words::verb(page, row.action.verb)) }
                td .number { @if let Some(outcome) = row.outcome { (outcome.count) } }
                td { span class=(class) { (result) } }
            }
        }
    };
    table(label, &columns, &entries)
}

fn files(page: &PageRequest) -> Markup {
    let file = |ending: &str| {
        page.at_with(&format!("{}.{ending}", page.path), &[("after", None), ("limit", None)])
    };
    html! {
        p .no-print {
            (page.pick("All of them as a file: ", "該当する全件のファイル: "))
            a href=(file("csv")) { "CSV" } " · "
            a href=(file("json")) { "JSON" }
        }
    }
}
