//! All answers of the console.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE,
    WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, StatusCode};
use maud::Markup;
use portal_service::metrics::CONTENT_TYPE as CONTENT_TYPE_OF_METRICS;
use serde_json::json;

use crate::access_error::AccessError;
use crate::json::Json;
use crate::page_error::PageError;
use crate::visitor::NO_SESSION;

const HTML: &str = "text/html; charset=utf-8";

/// An answer of the console.
pub(crate) enum PageReply {
    Page(Markup),
    ErrorPage(Markup, PageError),
    ApiError(PageError),
    Data(Json),
    Metrics(String),
    /// It will be done; the value says where to look.
    Accepted(Json),
    /// The form was taken; the browser goes on to this address of ours.
    SeeOther {
        to: String,
        cookie: Option<String>,
    },
    /// A file that a browser saves, read while it is sent.
    File {
        content_type: &'static str,
        name: &'static str,
        body: Body,
    },
    /// A file of ours whose name changes with it.
    Asset {
        content_type: &'static str,
        text: &'static str,
    },
}

impl PageReply {
    pub(crate) fn csv(name: &'static str, body: Body) -> Self {
        Self::File { content_type: "text/csv; charset=utf-8", name, body }
    }

    /// A JSON object a line.
    pub(crate) fn json_lines(name: &'static str, body: Body) -> Self {
        Self::File { content_type: "application/jsonl; charset=utf-8", name, body }
    }
}

impl IntoResponse for PageReply {
    fn into_response(self) -> Response {
        let (status, content_type, body, extra): (_, _, Body, Vec<(HeaderName, HeaderValue)>) =
            match self {
                Self::Page(page) => (StatusCode::OK, HTML, page.into_string().into(), Vec::new()),
                Self::ErrorPage(page, error) => {
                    (error.status(), HTML, page.into_string().into(), error_headers(&error))
                }
                Self::Data(json) => {
                    (StatusCode::OK, "application/json", json.into_text().into(), Vec::new())
                }
                Self::Metrics(text) => {
                    (StatusCode::OK, CONTENT_TYPE_OF_METRICS, text.into(), Vec::new())
                }
                Self::Accepted(json) => {
                    (StatusCode::ACCEPTED, "application/json", json.into_text().into(), Vec::new())
                }
                Self::ApiError(error) => {
                    let [what, advice] = error.texts();
                    let body = json!({ "error": { "code": error.code(), "message": what.en, "advice": advice.en } });
                    (
                        error.status(),
                        "application/json",
                        body.to_string().into(),
                        error_headers(&error),
                    )
                }
                Self::SeeOther { to, cookie } => {
                    let cookie = cookie.and_then(|it| HeaderValue::try_from(it).ok());
                    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/ops/"));
                    let extra =
                        [(LOCATION, to)].into_iter().chain(cookie.map(|it| (SET_COOKIE, it)));
                    (StatusCode::SEE_OTHER, HTML, Body::empty(), extra.collect())
                }
                Self::File { content_type, name, body } => {
                    let save = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
                    let save = save.unwrap_or(HeaderValue::from_static("attachment"));
                    (StatusCode::OK, content_type, body, vec![(CONTENT_DISPOSITION, save)])
                }
                Self::Asset { content_type, text } => {
                    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
                    (StatusCode::OK, content_type, text.into(), vec![(CACHE_CONTROL, forever)])
                }
            };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response.headers_mut().extend(extra);
        response
    }
}

fn error_headers(error: &PageError) -> Vec<(HeaderName, HeaderValue)> {
    match error {
        PageError::Access(AccessError::SignedOut) => vec![
            (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            (SET_COOKIE, HeaderValue::from_static(NO_SESSION)),
        ],
        PageError::Access(AccessError::TooManyWrongTokens) | PageError::TooSoon => {
            vec![(RETRY_AFTER, HeaderValue::from_static("60"))]
        }
        PageError::Busy | PageError::Store(_) => {
            vec![(RETRY_AFTER, HeaderValue::from_static("5"))]
        }
        PageError::Access(_)
        | PageError::NotFound
        | PageError::MethodNotAllowed
        | PageError::NoSuchId
        | PageError::BadQuery { .. }
        | PageError::NothingSelected
        | PageError::CountDiffers { .. }
        | PageError::BadForm
        | PageError::FormTooLarge
        | PageError::Refused(_) => Vec::new(),
    }
}
