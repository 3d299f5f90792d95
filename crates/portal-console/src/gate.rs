//! The checks before any page: which host was asked for, who asks, and where a form comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use portal_domain::UnixSeconds;

use crate::access_error::AccessError;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;
use crate::visitor::Credentials;
use crate::{Desk, same_origin};

/// The wrong tokens that are answered in a minute; beyond, those without a right one have to wait.
const WRONG_TOKENS_MAX: u32 = 5;

/// The page that needs no operator, and the beginning of the paths that need none.
const SIGN_IN: &str = "/ops/sign-in";
const ASSETS: &str = "/ops/assets/";

const HEADERS: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // With `no-referrer` Chromium sends `Origin: null`, and one's own forms would be refused.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
];

/// The wrong tokens of the present minute, of everybody: no address can be trusted behind a proxy.
#[derive(Default)]
pub(crate) struct WrongTokens {
    minute: AtomicI64,
    count: AtomicU32,
}

impl WrongTokens {
    /// Counts one more.
    pub(crate) fn count(&self, now: UnixSeconds) {
        self.begin_minute(now);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// True if this minute has seen too many.
    pub(crate) fn are_too_many(&self, now: UnixSeconds) -> bool {
        self.begin_minute(now);
        self.count.load(Ordering::Relaxed) >= WRONG_TOKENS_MAX
    }

    fn begin_minute(&self, now: UnixSeconds) {
        let minute = now.get() / 60;
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.count.store(0, Ordering::Relaxed);
        }
    }
}

/// Lets a request through, or answers it, and adds the headers that each answer has.
pub(crate) async fn pass(
    State(desk): State<Arc<Desk>>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = desk.clock.now();
    let path = request.uri().path();
    let needs_operator = path != SIGN_IN && !path.starts_with(ASSETS);
    let page = PageRequest::of(&desk, request.method(), request.uri(), request.headers(), now);
    let (page, checked) = check(&desk, page, &request, needs_operator);
    let (language, surface) = (page.language_cookie(), surface(&page));
    // Only pages behind the gate read the store; metrics were read before.
    let turn = checked.and_then(|()| match needs_operator && !page.is_metrics() {
        true => desk.turns.take().map(Some).ok_or(PageError::Busy),
        false => Ok(None),
    });
    let mut answer = match turn {
        Ok(turn) => {
            request.extensions_mut().insert(page);
            let answer = next.run(request).await;
            match turn {
                Some(turn) => turn.until_sent(answer),
                None => answer,
            }
        }
        Err(error) if page.is_api() => PageReply::ApiError(error).into_response(),
        Err(error) => reply(&desk, &page, Err(error)).into_response(),
    };
    if let Some(cookie) = language {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    add_headers(answer.headers_mut());
    if let Some(metrics) = &desk.metrics {
        metrics.counts().operator_request(surface, class(answer.status()));
    }
    answer
}

/// The part of the console that a request is for, in metrics; an unknown path is one of pages.
fn surface(page: &PageRequest) -> &'static str {
    match page {
        _ if page.is_metrics() => "metrics",
        _ if page.is_api() => "api",
        _ if page.path.starts_with(ASSETS) => "assets",
        _ => "pages",
    }
}

/// The class of a status, in metrics.
fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

fn check(
    desk: &Desk,
    page: PageRequest,
    request: &Request,
    needs_operator: bool,
) -> (PageRequest, Result<(), PageError>) {
    let headers = request.headers();
    let host = same_origin::host(headers, request.uri()).unwrap_or_default();
    let operators = desk.config.operators.as_ref();
    // Collectors ask by address, and no browser has their token.
    let needs_host = operators.is_none() || !page.is_metrics();
    if needs_host && !same_origin::is_known_host(&host, &desk.config.hosts) {
        return (page, Err(AccessError::UnknownHost.into()));
    }
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
    // Programs send neither header, and a browser always sends one where another site asks it to.
    if acts && !same_origin::is_same_origin(headers, &host, page.is_api()) {
        return (page, Err(AccessError::CrossSite.into()));
    }
    // An answer that differs with the token would let guesses go uncounted where no token is needed.
    if operators.is_some() && !needs_operator {
        return (page, Ok(()));
    }
    match Credentials::of(headers, operators, page.is_api(), page.now) {
        Credentials::Right(visitor) if visitor.may_see_pages() || page.is_metrics() => {
            (page.with_visitor(visitor), Ok(()))
        }
        Credentials::Missing => (page, Err(AccessError::SignedOut.into())),
        Credentials::Right(_) => (page, Err(AccessError::MetricsOnly.into())),
        Credentials::Wrong if desk.wrong_tokens.are_too_many(page.now) => {
            (page, Err(AccessError::TooManyWrongTokens.into()))
        }
        Credentials::Wrong => {
            desk.wrong_tokens.count(page.now);
            (page, Err(AccessError::SignedOut.into()))
        }
    }
}

fn add_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
