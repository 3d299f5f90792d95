//! Signing in and out.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::{Extension, Form};
use portal_domain::operator::SESSION_SECONDS;
use serde::Deserialize;

use crate::Desk;
use crate::access_error::AccessError;
use crate::acting::bad_form;
use crate::layout::PageContent;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;
use crate::sign_in_form::{own_address, sign_in_form};
use crate::visitor::{NO_SESSION, SESSION_COOKIE};

/// The fields of the form. It has no `Debug`, because of the token.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    token: String,
    #[serde(default)]
    to: String,
}

/// The page that asks for a token.
pub(crate) async fn form(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    let title = page.pick("Sign in", "サインイン").to_owned();
    let body = sign_in_form(&page);
    reply(&desk, &page, Ok(PageContent { title, body }))
}

/// Takes a token and gives a session for it.
pub(crate) async fn sign_in(
    State(desk): State<Arc<Desk>>,
    Extension(mut page): Extension<PageRequest>,
    form: Result<Form<SignIn>, FormRejection>,
) -> PageReply {
    let Form(form) = match form {
        Ok(form) => form,
        Err(why) => return reply(&desk, &page, Err(bad_form(&why))),
    };
    // The form that comes again leads to the same place.
    page.query = vec![("to".to_owned(), form.to.clone())];
    let operators = desk.config.operators.as_ref();
    let operator = operators.and_then(|it| it.of_token(form.token.trim()));
    let Some(operator) = operator else {
        let error = if desk.wrong_tokens.are_too_many(page.now) {
            AccessError::TooManyWrongTokens
        } else {
            desk.wrong_tokens.count(page.now);
            AccessError::WrongToken
        };
        return reply(&desk, &page, Err(error.into()));
    };
    let session = operator.session(page.now);
    let cookie = format!(
        "{SESSION_COOKIE}={session}; Path=/; Max-Age={SESSION_SECONDS}; Secure; HttpOnly; SameSite=Strict"
    );
    PageReply::SeeOther { to: own_address(&form.to), cookie: Some(cookie) }
}

/// Ends the session of this browser.
pub(crate) async fn sign_out() -> PageReply {
    PageReply::SeeOther { to: "/ops/sign-in".to_owned(), cookie: Some(NO_SESSION.to_owned()) }
}
