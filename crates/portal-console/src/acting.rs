//! The actions of operators on the console, and the trail of them.

use axum::Form;
use axum::extract::rejection::FormRejection;
use portal_domain::{
    ActionOutcome, ActionResult, ActionScope, ActionVerb, ActionVia, Actor, NewAction,
};

use crate::Desk;
use crate::access_error::AccessError;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The fields of a form that acts, in their order.
pub(crate) type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

/// Refuses a visitor who may only look.
pub(crate) fn check_role(page: &PageRequest) -> Result<(), PageError> {
    if may_act(page) { Ok(()) } else { Err(AccessError::ReadOnly.into()) }
}

/// True if the visitor may act.
pub(crate) fn may_act(page: &PageRequest) -> bool {
    page.visitor.as_ref().is_some_and(|it| it.may_act())
}

/// Returns the fields of a form, after the check that the visitor may act.
pub(crate) fn fields(page: &PageRequest, form: Fields) -> Result<Vec<(String, String)>, PageError> {
    check_role(page)?;
    form.map(|Form(fields)| fields).map_err(|_| PageError::BadForm)
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

/// Does what `act` does between two writes of the trail: that it begins, and what came of it.
pub(crate) async fn on_trail<T>(
    desk: &Desk,
    page: &PageRequest,
    verb: ActionVerb,
    scope: ActionScope,
    act: impl Future<Output = Result<(T, ActionResult, u64), PageError>>,
) -> Result<T, PageError> {
    let who = actor(page)?;
    let via = if page.is_api() { ActionVia::Api } else { ActionVia::Console };
    let action = NewAction { who, via, verb, scope };
    let seq = desk.store.begin_action(&action, desk.clock.now()).await?;
    let acted = act.await;
    let (result, count) = match &acted {
        Ok((_, result, count)) => (*result, *count),
        Err(PageError::CountDiffers { .. }) => (ActionResult::CountDiffers, 0),
        Err(_) => (ActionResult::Failed, 0),
    };
    let outcome = ActionOutcome { at: desk.clock.now(), count, result };
    // The action is done, whether or not this can be written.
    if let Err(error) = desk.store.finish_action(seq, &outcome).await {
        let reason = error.name();
        tracing::error!(reason, %error, "the trail could not be written to its end");
    }
    acted.map(|(value, _, _)| value)
}
