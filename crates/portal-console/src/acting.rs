//! The actions of operators on the console, and the trail of them.

use axum::Form;
use axum::extract::rejection::FormRejection;
use http::StatusCode;
use maud::{Markup, html};
use portal_domain::{
    ActionOutcome, ActionResult, ActionScope, ActionVerb, ActionVia, Actor, NewAction,
};

use crate::Desk;
use crate::access_error::AccessError;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The fields of a form that acts, in their order.
pub(crate) type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

/// True if the visitor is shown what acts.
pub(crate) fn may_act(page: &PageRequest) -> bool {
    page.visitor.as_ref().is_some_and(|it| it.may_act())
}

/// Refuses a visitor who may only look.
pub(crate) fn check_role(page: &PageRequest) -> Result<(), PageError> {
    if may_act(page) { Ok(()) } else { Err(AccessError::ReadOnly.into()) }
}

/// Returns the fields of a form, after the check that the visitor may act.
pub(crate) fn fields(page: &PageRequest, form: Fields) -> Result<Vec<(String, String)>, PageError> {
    check_role(page)?;
    form.map(|Form(fields)| fields).map_err(|why| bad_form(&why))
}

/// Returns the error of a form that cannot be read.
pub(crate) fn bad_form(why: &FormRejection) -> PageError {
    match why.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PageError::FormTooLarge,
        _ => PageError::BadForm,
    }
}

/// Returns the value of a field, unless it is empty.
pub(crate) fn value<'f>(fields: &'f [(String, String)], key: &str) -> Option<&'f str> {
    let found = fields.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| &**value).filter(|it| !it.is_empty())
}

/// Returns a field that is a number.
pub(crate) fn number(fields: &[(String, String)], key: &str) -> Result<u64, PageError> {
    value(fields, key).and_then(|it| it.parse().ok()).ok_or(PageError::BadForm)
}

/// Returns the name of the visitor for the trail.
pub(crate) fn actor(page: &PageRequest) -> Result<Actor, PageError> {
    let who = page.visitor.as_ref().and_then(|it| Actor::new(&it.name));
    Ok(who.ok_or(AccessError::ReadOnly)?)
}

/// The form that acts: it posts to the address of the page that says what will happen.
pub(crate) fn act_form(page: &PageRequest, button: &str, back: &str, inputs: &Markup) -> Markup {
    html! {
        form method="post" action=(page.path) {
            (inputs)
            button .main type="submit" { (button) }
            " "
            a href=(back) { (page.pick("Cancel", "やめる")) }
        }
    }
}

/// Does what `act` does between two writes of the trail: that it begins, and what came of it.
pub(crate) async fn on_trail<T>(
    desk: &Desk,
    page: &PageRequest,
    verb: ActionVerb,
    scope: ActionScope,
    act: impl Future<Output = Result<(T, ActionResult, u64), PageError>>,
) -> Result<T, PageError> {
    let seq = begin(desk, page, verb, scope).await?;
    let acted = act.await;
    let (result, count) = match &acted {
        Ok((_, result, count)) => (*result, *count),
        Err(PageError::CountDiffers { .. }) => (ActionResult::CountDiffers, 0),
        Err(_) => (ActionResult::Failed, 0),
    };
    finish(desk, seq, verb, result, count).await;
    acted.map(|(value, _, _)| value)
}

/// Enters in the trail that the visitor acts, and returns the number of the entry.
pub(crate) async fn begin(
    desk: &Desk,
    page: &PageRequest,
    verb: ActionVerb,
    scope: ActionScope,
) -> Result<u64, PageError> {
    let who = actor(page)?;
    let via = if page.is_api() { ActionVia::Api } else { ActionVia::Console };
    let action = NewAction { who, via, verb, scope };
    Ok(desk.store.begin_action(&action, desk.clock.now()).await?)
}

/// Enters what came of an action, which is done whether or not this can be written.
pub(crate) async fn finish(
    desk: &Desk,
    seq: u64,
    verb: ActionVerb,
    result: ActionResult,
    count: u64,
) {
    if let Some(metrics) = &desk.metrics {
        metrics.counts().operator_action(verb.name(), result.name());
    }
    let outcome = ActionOutcome { at: desk.clock.now(), count, result };
    if let Err(error) = desk.store.finish_action(seq, &outcome).await {
        let reason = error.name();
        tracing::error!(reason, %error, "the trail could not be written to its end");
    }
}
