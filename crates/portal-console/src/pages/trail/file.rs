//! All entries of a filter as CSV and as JSON.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use portal_domain::{ActionFilter, ActionRow, Store, StoreError};
use portal_service::action_columns::{ACTION_HEADS, action_cells};
use portal_service::json::ActionLine;

use super::filter::action_filter;
use crate::Desk;
use crate::json::Json;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::reply::PageReply;
use crate::streamed::{FilePages, PAGE_ROWS, streamed};

/// A file that is being sent.
struct TrailFile {
    store: Arc<dyn Store>,
    /// Selects what has not been sent yet.
    rest: ActionFilter,
    line: fn(&ActionRow) -> String,
}

/// The columns of `actions list --format csv`.
pub(crate) async fn trail_csv(desk: Arc<Desk>, page: PageRequest) -> Result<PageReply, PageError> {
    let line = |row: &ActionRow| action_cells(row, |at| at.get().to_string()).join(",") + "\n";
    let body = file(&desk, &page, ACTION_HEADS.join(",") + "\n", line).await?;
    Ok(PageReply::csv("actions.csv", body))
}

/// The lines of `actions list --format json`.
pub(crate) async fn trail_json(desk: Arc<Desk>, page: PageRequest) -> Result<PageReply, PageError> {
    let line = |row: &ActionRow| Json::of(&ActionLine::of(row)).into_text() + "\n";
    Ok(PageReply::json_lines("actions.json", file(&desk, &page, String::new(), line).await?))
}

async fn file(
    desk: &Desk,
    page: &PageRequest,
    heads: String,
    line: fn(&ActionRow) -> String,
) -> Result<Body, PageError> {
    let file = TrailFile { store: Arc::clone(&desk.store), rest: action_filter(page)?, line };
    Ok(streamed(heads, Box::new(file)).await?)
}

#[async_trait]
impl FilePages for TrailFile {
    async fn append_page(&mut self, text: &mut String) -> Result<bool, StoreError> {
        let rows = self.store.actions(&self.rest, PAGE_ROWS).await?;
        for row in &rows {
            text.push_str(&(self.line)(row));
        }
        self.rest.after = rows.last().map(|it| it.seq);
        Ok(rows.len() < PAGE_ROWS as usize)
    }
}
