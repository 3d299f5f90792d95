//! Routes of pages and of forms: the request that the gate has read goes in, the answer comes out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get, post};
use futures::future::BoxFuture;

use crate::Desk;
use crate::acting::Fields;
use crate::json::Json;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;

/// The answer to a request, when it is there.
type Answering = BoxFuture<'static, PageReply>;

/// Shows the page that `content` makes.
pub(crate) fn page<F>(content: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageContent, PageError>> + Send + 'static,
{
    got(Arc::new(move |desk, page| {
        Box::pin(async move {
            let content = content(Arc::clone(&desk), page.clone()).await;
            reply(&desk, &page, content)
        })
    }))
}

/// Shows the page that `content` makes of what the path names.
pub(crate) fn page_of<F>(
    content: fn(Arc<Desk>, PageRequest, String) -> F,
) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageContent, PageError>> + Send + 'static,
{
    got_of(Arc::new(move |desk, page, name| {
        Box::pin(async move {
            let content = content(Arc::clone(&desk), page.clone(), name).await;
            reply(&desk, &page, content)
        })
    }))
}

/// Answers with the file that `file` makes. An error is shown to who saves CSV, and said to what reads JSON.
pub(crate) fn download<F>(file: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageReply, PageError>> + Send + 'static,
{
    got(Arc::new(move |desk, page| {
        Box::pin(async move {
            match file(Arc::clone(&desk), page.clone()).await {
                Ok(file) => file,
                Err(error) if page.path.ends_with(".json") => PageReply::ApiError(error),
                Err(error) => reply(&desk, &page, Err(error)),
            }
        })
    }))
}

/// Leads on to the address that `place` finds.
pub(crate) fn leads_on<F>(place: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    got(Arc::new(move |desk, page| {
        Box::pin(async move {
            let to = place(Arc::clone(&desk), page.clone()).await;
            led_on(&desk, &page, to)
        })
    }))
}

/// Takes a form, and leads on to the address that `act` returns.
pub(crate) fn form<F>(act: fn(Arc<Desk>, PageRequest, Fields) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    posted(Arc::new(move |desk, page, fields| {
        Box::pin(async move {
            let to = act(Arc::clone(&desk), page.clone(), fields).await;
            led_on(&desk, &page, to)
        })
    }))
}

/// Answers with the JSON that `data` makes.
pub(crate) fn data<F>(data: fn(Arc<Desk>, PageRequest) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Json, PageError>> + Send + 'static,
{
    got(Arc::new(move |desk, page| {
        let data = data(desk, page);
        Box::pin(async move { in_json(data.await) })
    }))
}

/// Answers with the JSON that `data` makes of what the path names.
pub(crate) fn data_of<F>(data: fn(Arc<Desk>, PageRequest, String) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Json, PageError>> + Send + 'static,
{
    got_of(Arc::new(move |desk, page, name| {
        let data = data(desk, page, name);
        Box::pin(async move { in_json(data.await) })
    }))
}

/// Takes the fields of a form, and answers with the JSON that `act` returns.
pub(crate) fn act<F>(act: fn(Arc<Desk>, PageRequest, Fields) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Json, PageError>> + Send + 'static,
{
    posted(Arc::new(move |desk, page, fields| {
        let data = act(desk, page, fields);
        Box::pin(async move { in_json(data.await) })
    }))
}

/// Takes the fields of a form, and answers with what `act` returns.
pub(crate) fn replied<F>(act: fn(Arc<Desk>, PageRequest, Fields) -> F) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<PageReply, PageError>> + Send + 'static,
{
    posted(Arc::new(move |desk, page, fields| {
        let reply = act(desk, page, fields);
        Box::pin(async move { reply.await.unwrap_or_else(PageReply::ApiError) })
    }))
}

/// Takes the fields of a form about what the path names, and answers with the JSON that `act` returns.
pub(crate) fn act_of<F>(
    act: fn(Arc<Desk>, PageRequest, String, Fields) -> F,
) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<Json, PageError>> + Send + 'static,
{
    posted_of(Arc::new(move |desk, page, name, fields| {
        let data = act(desk, page, name, fields);
        Box::pin(async move { in_json(data.await) })
    }))
}

/// Takes a form about what the path names, and leads on to the address that `act` returns.
pub(crate) fn form_of<F>(
    act: fn(Arc<Desk>, PageRequest, String, Fields) -> F,
) -> MethodRouter<Arc<Desk>>
where
    F: Future<Output = Result<String, PageError>> + Send + 'static,
{
    let answer = move |desk: Arc<Desk>, page: PageRequest, name, fields| -> Answering {
        Box::pin(async move {
            let to = act(Arc::clone(&desk), page.clone(), name, fields).await;
            led_on(&desk, &page, to)
        })
    };
    posted_of(Arc::new(answer))
}

// The rest is not generic, because each further instance of a handler is some kilobytes of the Worker.

fn got(
    answer: Arc<dyn Fn(Arc<Desk>, PageRequest) -> Answering + Send + Sync>,
) -> MethodRouter<Arc<Desk>> {
    get(move |State(desk): State<Arc<Desk>>, Extension(page): Extension<PageRequest>| {
        answer(desk, page)
    })
}

fn got_of(
    answer: Arc<dyn Fn(Arc<Desk>, PageRequest, String) -> Answering + Send + Sync>,
) -> MethodRouter<Arc<Desk>> {
    get(
        move |State(desk): State<Arc<Desk>>,
              Path(name): Path<String>,
              Extension(page): Extension<PageRequest>| answer(desk, page, name),
    )
}

fn posted(
    answer: Arc<dyn Fn(Arc<Desk>, PageRequest, Fields) -> Answering + Send + Sync>,
) -> MethodRouter<Arc<Desk>> {
    post(
        move |State(desk): State<Arc<Desk>>,
              Extension(page): Extension<PageRequest>,
              fields: Fields| answer(desk, page, fields),
    )
}

fn posted_of(
    answer: Arc<dyn Fn(Arc<Desk>, PageRequest, String, Fields) -> Answering + Send + Sync>,
) -> MethodRouter<Arc<Desk>> {
    post(
        move |State(desk): State<Arc<Desk>>,
              Path(name): Path<String>,
              Extension(page): Extension<PageRequest>,
              fields: Fields| answer(desk, page, name, fields),
    )
}

fn in_json(data: Result<Json, PageError>) -> PageReply {
    data.map_or_else(PageReply::ApiError, PageReply::Data)
}

fn led_on(desk: &Desk, page: &PageRequest, to: Result<String, PageError>) -> PageReply {
    match to {
        Ok(to) => PageReply::SeeOther { to, cookie: None },
        Err(error) => reply(desk, page, Err(error)),
    }
}
