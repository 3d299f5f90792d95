//! All answers of the console, with their status codes.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, StatusCode};
use maud::{Markup, html};
use portal_domain::{Advise as _, StoreError};
use serde_json::json;

use crate::layout::Content;
use crate::page_request::PageRequest;
use crate::sign_in::NO_SESSION;

const HTML: &str = "text/html; charset=utf-8";

/// An answer of the console.
pub(crate) enum Reply {
    Page(Markup),
    ErrorPage(Markup, PageError),
    ApiError(PageError),
    /// The form was taken; the browser goes on to this address of ours.
    SeeOther {
        to: String,
        cookie: Option<String>,
    },
    /// A style sheet or a script, whose name changes with it.
    Asset {
        content_type: &'static str,
        text: &'static str,
    },
}

/// The reason why there is no page. It repeats nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageError {
    NotFound,
    MethodNotAllowed,
    /// A value of the query cannot be used: its key, and the form that it has to have.
    BadQuery {
        key: &'static str,
        form: &'static str,
    },
    /// The form has other fields, or is too large.
    BadForm,
    SignedOut,
    WrongToken,
    /// The role is for metrics alone.
    MetricsOnly,
    TooManyWrongTokens,
    /// The host of the request is not one of the console.
    UnknownHost,
    /// A form of another site, or of a browser that does not say.
    CrossSite,
    Store(StoreError),
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadQuery { .. } | Self::BadForm => StatusCode::BAD_REQUEST,
            Self::SignedOut | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::MetricsOnly | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooManyWrongTokens => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadQuery { .. } => "bad_query",
            Self::BadForm => "bad_form",
            Self::SignedOut => "signed_out",
            Self::WrongToken => "wrong_token",
            Self::MetricsOnly => "metrics_only",
            Self::TooManyWrongTokens => "too_many_wrong_tokens",
            Self::UnknownHost => "unknown_host",
            Self::CrossSite => "cross_site",
            Self::Store(error) => error.name(),
        }
    }

    /// Returns what is wrong and what to do, in English and Japanese.
    fn texts(&self) -> [[String; 2]; 2] {
        let texts = |english: [&str; 2], japanese: [&str; 2]| {
            [english.map(str::to_owned), japanese.map(str::to_owned)]
        };
        match self {
            Self::NotFound => texts(
                ["There is nothing at this address", "It may have been typed wrong."],
                ["このアドレスには何もありません", "入力に誤りがあるかもしれません。"],
            ),
            Self::MethodNotAllowed => texts(
                ["This address takes another method", "Open it from the page before."],
                ["このアドレスでは使えない操作です", "前のページから操作してください。"],
            ),
            Self::BadQuery { key, form } => [
                [format!("{key} cannot be used"), format!("It must be {form}.")],
                [format!("{key} の値は使えません"), format!("{form} の形で指定してください。")],
            ],
            Self::SignedOut => texts(
                ["You are signed out", "Sign in with your token."],
                ["サインインしていません", "トークンでサインインしてください。"],
            ),
            Self::BadForm => texts(
                ["The form cannot be read", "Open the page before anew, and send it again."],
                ["フォームを読み取れません", "前のページを開き直して、もう一度送信してください。"],
            ),
            Self::WrongToken => texts(
                ["Nobody has this token", "Check that all of it was pasted."],
                ["このトークンの利用者はいません", "全体を貼り付けたか確認してください。"],
            ),
            Self::MetricsOnly => texts(
                ["This token may read metrics only", "Sign in with one of the role read or act."],
                [
                    "このトークンで読めるのはメトリクスだけです",
                    "read または act の権限のトークンでサインインしてください。",
                ],
            ),
            Self::TooManyWrongTokens => texts(
                ["Too many wrong tokens", "Try again in a minute. Whoever is signed in can go on."],
                [
                    "誤ったトークンが続いています",
                    "1 分後にもう一度試してください。サインイン済みの人は続けて使えます。",
                ],
            ),
            Self::UnknownHost => texts(
                [
                    "The console does not answer under this host name",
                    "Use the one of CONSOLE_URL, or add this one to OPERATOR_HOSTS.",
                ],
                [
                    "このホスト名ではコンソールを使えません",
                    "CONSOLE_URL の名前を使うか、OPERATOR_HOSTS に追加してください。",
                ],
            ),
            Self::CrossSite => texts(
                [
                    "The form does not come from the console",
                    "Open the console over https or on this machine, and act there.",
                ],
                [
                    "コンソール以外からの操作です",
                    "https またはこのマシンでコンソールを開き、そこで操作してください。",
                ],
            ),
            Self::Store(error) => {
                let advice = error.advice().unwrap_or("see the log");
                [
                    ["The database could not be read".to_owned(), format!("{error}; {advice}")],
                    ["データベースを読み取れません".to_owned(), format!("{error}; {advice}")],
                ]
            }
        }
    }

    pub(crate) fn content(&self, page: &PageRequest) -> Content {
        let [english, japanese] = self.texts();
        let [title, advice] = page.pick(english, japanese);
        let sign_in = matches!(self, Self::SignedOut | Self::WrongToken | Self::MetricsOnly);
        Content {
            body: html! {
                p { (advice) }
                @if sign_in { (crate::sign_in::sign_in_form(page)) }
            },
            title,
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (status, content_type, body, extra): (_, _, _, Vec<(HeaderName, HeaderValue)>) =
            match self {
                Self::Page(page) => (StatusCode::OK, HTML, page.into_string(), Vec::new()),
                Self::ErrorPage(page, error) => {
                    (error.status(), HTML, page.into_string(), error_headers(&error))
                }
                Self::ApiError(error) => {
                    let [[what, advice], _] = error.texts();
                    let body = json!({ "error": { "code": error.code(), "message": what, "advice": advice } });
                    (error.status(), "application/json", body.to_string(), error_headers(&error))
                }
                Self::SeeOther { to, cookie } => {
                    let cookie = cookie.and_then(|it| HeaderValue::try_from(it).ok());
                    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/ops/"));
                    let extra =
                        [(LOCATION, to)].into_iter().chain(cookie.map(|it| (SET_COOKIE, it)));
                    (StatusCode::SEE_OTHER, HTML, String::new(), extra.collect())
                }
                Self::Asset { content_type, text } => {
                    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
                    (StatusCode::OK, content_type, text.to_owned(), vec![(CACHE_CONTROL, forever)])
                }
            };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response.headers_mut().extend(extra.into_iter());
        response
    }
}

fn error_headers(error: &PageError) -> Vec<(HeaderName, HeaderValue)> {
    match error {
        PageError::SignedOut => vec![
            (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            (SET_COOKIE, HeaderValue::from_static(NO_SESSION)),
        ],
        PageError::TooManyWrongTokens => vec![(RETRY_AFTER, HeaderValue::from_static("60"))],
        PageError::Store(_) => vec![(RETRY_AFTER, HeaderValue::from_static("5"))],
        _ => Vec::new(),
    }
}
