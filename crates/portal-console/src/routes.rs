//! Routes of pages and of forms: the request that the gate has read goes in, the answer comes out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get, post};

use serde_json::Value;

use crate::Desk;
use crate::acting::Fields;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;

/// Shows the page that `content` makes.
pub(crate) fn page<F>(content: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageContent, PageError>> + Send + 'static,
{
    get(move |State(desk): State<Arc<Desk>>, Extension(page): Extension<PageRequest>| async move {
        let content = content(Arc::clone(&desk), page.clone()).await;
        reply(&desk, &page, content)
    })
}

/// Shows the page that `content` makes of what the path names.
pub(crate) fn page_of<F>(
    content: fn(Arc<Desk>, PageRequest, String) -> F,
) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageContent, PageError>> + Send + 'static,
{
    get(
        move |State(desk): State<Arc<Desk>>,
              Path(name): Path<String>,
              Extension(page): Extension<PageRequest>| async move {
            let content = content(Arc::clone(&desk), page.clone(), name).await;
            reply(&desk, &page, content)
        },
    )
}

/// Leads on to the address that `place` finds.
pub(crate) fn leads_on<F>(place: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    get(move |State(desk): State<Arc<Desk>>, Extension(page): Extension<PageRequest>| async move {
        let to = place(Arc::clone(&desk), page.clone()).await;
        led_on(&desk, &page, to)
    })
}

/// Takes a form, and leads on to the address that `act` returns.
pub(crate) fn form<F>(act: fn(Arc<Desk>, PageRequest, Fields) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    post(
        move |State(desk): State<Arc<Desk>>,
              Extension(page): Extension<PageRequest>,
              fields: Fields| async move {
            let to = act(Arc::clone(&desk), page.clone(), fields).await;
            led_on(&desk, &page, to)
        },
    )
}

/// Answers with the JSON that `data` makes.
pub(crate) fn data<F>(data: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Value, PageError>> + Send + 'static,
{
    get(move |State(desk): State<Arc<Desk>>, Extension(page): Extension<PageRequest>| async move {
        in_json(data(desk, page).await)
    })
}

/// Answers with the JSON that `data` makes of what the path names.
pub(crate) fn data_of<F>(data: fn(Arc<Desk>, PageRequest, String) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Value, PageError>> + Send + 'static,
{
    get(
        move |State(desk): State<Arc<Desk>>,
              Path(name): Path<String>,
              Extension(page): Extension<PageRequest>| async move {
            in_json(data(desk, page, name).await)
        },
    )
}

/// Takes the fields of a form, and answers with the JSON that `act` returns.
pub(crate) fn act<F>(act: fn(Arc<Desk>, PageRequest, Fields) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Value, PageError>> + Send + 'static,
{
    post(
        move |State(desk): State<Arc<Desk>>,
              Extension(page): Extension<PageRequest>,
              fields: Fields| async move { in_json(act(desk, page, fields).await) },
    )
}

/// Takes a form about what the path names, and leads on to the address that `act` returns.
pub(crate) fn form_of<F>(
    act: fn(Arc<Desk>, PageRequest, String, Fields) -> F,
) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    post(
        move |State(desk): State<Arc<Desk>>,
              Path(name): Path<String>,
              Extension(page): Extension<PageRequest>,
              fields: Fields| async move {
            let to = act(Arc::clone(&desk), page.clone(), name, fields).await;
            led_on(&desk, &page, to)
        },
    )
}

fn in_json(data: Result<Value, PageError>) -> PageReply {
    match data {
        Ok(value) => PageReply::Data(value),
        Err(error) => PageReply::ApiError(error),
    }
}

fn led_on(desk: &Desk, page: &PageRequest, to: Result<String, PageError>) -> PageReply {
    match to {
        Ok(to) => PageReply::SeeOther { to, cookie: None },
        Err(error) => reply(desk, page, Err(error)),
    }
}
