//! The receiver as a Cloudflare Worker.
//!
//! The crate is a host: bindings, `fetch`, `scheduled`, and what one isolate remembers. What an event
//! means is the domain's, what a caller is answered is the HTTP surface's. What decides anything
//! takes the time as an argument and runs natively too; what touches the runtime is kept thin.

mod config;
mod isolate;

mod body;
mod inbox;

mod maintenance;
mod pending_work;

mod inspect;

mod transport;

mod log;

mod chance;
mod clock;
mod deadline;
mod pace;

use axum::response::Response;
use tower::ServiceExt as _;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event, web_sys};

use crate::isolate::Isolate;

/// Answers one request; what follows from it is done when the answer is out.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<Response> {
    let isolate = Isolate::of(&env);
    let request = body::in_one_piece(request).await?;
    let Ok(answer) = isolate.router_for(request.uri().path()).oneshot(request).await;
    if let Some(care) = &isolate.care
        && let Some(work) = care.pending_work()
    {
        context.wait_until(care.after_response(work));
    }
    Ok(answer)
}

/// Looks for what is wrong and asks Stripe, once a minute.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    if let Some(care) = &Isolate::of(&env).care {
        care.each_minute().await;
    }
}
