//! Signing in and out.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::{Extension, Form};
use maud::{Markup, html};
use portal_domain::operator::SESSION_SECONDS;
use serde::Deserialize;

use crate::layout::Content;
use crate::page_request::{PageRequest, address};
use crate::reply::{PageError, Reply};
use crate::visitor::SESSION_COOKIE;
use crate::{Desk, PREFIX};

/// The cookie that ends a session.
pub(crate) const NO_SESSION: &str =
    "__Host-ops=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict";

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
) -> Reply {
    let title = page.pick("Sign in", "サインイン").to_owned();
    let body = sign_in_form(&page);
    page.reply(&desk, Ok(Content { title, body }))
}

/// Takes a token and gives a session for it.
pub(crate) async fn sign_in(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
    form: Result<Form<SignIn>, FormRejection>,
) -> Reply {
    let Ok(Form(form)) = form else { return page.reply(&desk, Err(PageError::BadForm)) };
    let operators = desk.config.operators.as_ref();
    let operator = operators.and_then(|it| it.of_token(form.token.trim()));
    let Some(operator) = operator else {
        let error = if desk.wrong_tokens.are_too_many(page.now) {
            PageError::TooManyWrongTokens
        } else {
            desk.wrong_tokens.count(page.now);
            PageError::WrongToken
        };
        return page.reply(&desk, Err(error));
    };
    let session = operator.session(page.now);
    let cookie = format!(
        "{SESSION_COOKIE}={session}; Path=/; Max-Age={SESSION_SECONDS}; Secure; HttpOnly; SameSite=Strict"
    );
    Reply::SeeOther { to: own_address(&form.to), cookie: Some(cookie) }
}

/// Ends the session of this browser.
pub(crate) async fn sign_out() -> Reply {
    Reply::SeeOther { to: "/ops/sign-in".to_owned(), cookie: Some(NO_SESSION.to_owned()) }
}

pub(crate) fn sign_in_form(page: &PageRequest) -> Markup {
    let here = page.with("lang", None);
    let to = page.value("to").unwrap_or(if page.is_form { "" } else { &here });
    html! {
        form method="post" action="/ops/sign-in" .sign-in {
            input type="hidden" name="to" value=(own_address(to));
            label for="token" { (page.pick("Token", "トークン")) }
            input #token type="password" name="token" required autocomplete="current-password" aria-describedby="token-help";
            p #token-help .quiet {
                (page.pick(
                    "Yours is the last part of an entry of OPERATOR_TOKENS. You stay signed in for 12 hours.",
                    "OPERATOR_TOKENS の各項目の最後の部分です。サインインは 12 時間有効です。",
                ))
            }
            button type="submit" { (page.pick("Sign in", "サインイン")) }
        }
    }
}

/// Returns `to` if it is an address of the console, else the first page: nobody is sent elsewhere.
fn own_address(to: &str) -> String {
    let is_ours = to.strip_prefix(PREFIX).is_some_and(|it| it.starts_with('/'));
    let is_plain = to.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    if is_ours && is_plain && !to.starts_with("/ops/sign-") {
        to.to_owned()
    } else {
        address("/ops/", [])
    }
}
