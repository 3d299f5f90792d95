//! A request: its line, its `Stripe-Signature` line (perhaps none), a line for `Accept`, its body.
//! Whatever it is, the answer is one of those that are promised.
#![no_main]

use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use donation_portal_fuzz::{cut, filled, now, receiver};
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use libfuzzer_sys::{Corpus, fuzz_target};
use portal_domain::{
    Answered, Clock, Entry, EventId, MatchedSecrets, Observe, Ready, Record, Recorded, Refusal,
    RequestRejection, Unavailable, UnixSeconds,
};
use portal_http::{App, router};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// The paths that take deliveries.
const WEBHOOK: [&str; 2] = ["/api/webhooks/stripe", "/api/webhooks/stripe/"];

#[derive(Default)]
struct Inbox(Mutex<HashSet<EventId>>);

#[async_trait::async_trait]
impl Record for Inbox {
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable> {
        let event = entry.event();
        let new = self.0.lock().expect("no panic").insert(event.id.clone());
        Ok(if new { Recorded::New(event.state) } else { Recorded::Duplicate })
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        Ok(Ready::default())
    }
}

struct Nobody;

impl Observe for Nobody {
    fn accepted(&self, _: MatchedSecrets) {}

    fn answered(&self, _: &Answered<'_>) {}

    fn logs_rejection(&self, _: &'static str) -> bool {
        true
    }

    fn rejected(&self, _: RequestRejection) {}

    fn refused(&self, _: Refusal) {}

    fn unavailable(&self, unavailable: &Unavailable) {
        panic!("{unavailable}");
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> UnixSeconds {
        now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(request) = request(data) else {
        return Corpus::Reject;
    };
    let posted = request.method() == Method::POST && WEBHOOK.contains(&request.uri().path());
    let head = request.method() == Method::HEAD;
    let portal = &*PORTAL;
    let (status, headers, body) = portal.runtime.block_on(async {
        let Ok(response) = portal.router.clone().oneshot(request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the answer's body").to_bytes();
        (head.status, head.headers, body)
    });
    is_promised(status, &headers);
    assert_eq!(body.is_empty(), head);
    let recorded = portal.inbox.0.lock().expect("no panic").drain().count();
    assert_eq!(recorded, usize::from(posted && status == StatusCode::OK));
    Corpus::Keep
});

/// Made once: that takes longer than a request.
static PORTAL: LazyLock<Portal> = LazyLock::new(|| {
    let inbox = Arc::new(Inbox::default());
    let app = App {
        receiver: receiver(),
        inbox: Arc::clone(&inbox) as Arc<dyn Record>,
        dead_events_max: 100,
        left_out: Vec::new(),
        // Explaining has no effect on the answer but its text.
        explains_refusals: false,
        observer: Arc::new(Nobody),
        clock: Arc::new(Stopped),
        version: "0",
    };
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    Portal { runtime, router: router(app), inbox }
});

struct Portal {
    runtime: Runtime,
    router: Router,
    /// Emptied after each request.
    inbox: Arc<Inbox>,
}

fn is_promised(status: StatusCode, headers: &HeaderMap) {
    assert!(matches!(status.as_u16(), 200 | 400 | 404 | 405 | 413), "{status}");
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert!(headers.contains_key(CONTENT_TYPE));
    assert_eq!(headers.contains_key(ALLOW), status == StatusCode::METHOD_NOT_ALLOWED);
}

fn request(data: &[u8]) -> Option<Request<Body>> {
    let (line, rest) = cut(data, b'\n');
    let (signature, rest) = cut(rest, b'\n');
    let (accept, body) = cut(rest, b'\n');
    let (method, uri) = cut(line, b' ');
    let mut request = Request::new(Body::from(body.to_vec()));
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = Uri::try_from(uri).ok()?;
    let headers = request.headers_mut();
    if !signature.is_empty() {
        let signature = HeaderValue::from_bytes(&filled(signature, body)).ok()?;
        headers.insert("stripe-signature", signature);
    }
    headers.insert(ACCEPT, HeaderValue::from_bytes(accept).ok()?);
    Some(request)
}
