//! A console without a socket, over a database in a temporary folder, at a time that the test sets.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode};
use jiff::tz::{TimeZone, offset};
use portal_console::{ConsoleApp, ConsoleHost, ConsoleLimits, router};
use portal_contract::{FakeClock, Lossy, batch, block_on};
use portal_domain::{Clock as _, Event, Secrets, Store, text};
use portal_service::AnswerTimes;
use portal_service::settings::{
    InvalidValue, SETTINGS, ServiceConfig, SettingError, Settings, ShownSetting, shown,
};
use portal_sqlite::SqliteStore;
pub(crate) use portal_testkit::Result;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::host::FakeHost;

/// The time of the clock at the start: 2026-11-22T13:50:00Z, the beginning of a minute.
pub(crate) const NOW: i64 = 1_795_355_400;

/// The host of the console where a request names no other.
pub(crate) const HOST: &str = "127.0.0.1:8788";

/// The tokens of [`OPERATORS`].
pub(crate) const READ_TOKEN: &str = "read-0123456789abcdef0123456789abcdef";
pub(crate) const ACT_TOKEN: &str = "act-0123456789abcdef0123456789abcdef";
pub(crate) const METRICS_TOKEN: &str = "metrics-0123456789abcdef0123456789abcdef";

/// The signing secrets: two, as while one is rotated.
pub(crate) const SECRETS: &str = "whsec_the_new_canary_1,whsec_the_old_canary_2";

/// Operators of each role, as the setting has them.
pub(crate) const OPERATORS: (&str, &str) = (
    "OPERATOR_TOKENS",
    "treasurer:read:read-0123456789abcdef0123456789abcdef,\
     ops:act:act-0123456789abcdef0123456789abcdef,\
     prometheus:metrics:metrics-0123456789abcdef0123456789abcdef",
);

/// The limits of a console, which are small enough to be reached.
pub(crate) const LIMITS: ConsoleLimits =
    ConsoleLimits { pages_at_once: 4, rows_searched: 100, donations_added_up: 100 };

/// A console.
pub(crate) struct Console {
    router: Router,
    pub(crate) store: Arc<dyn Store>,
    /// The same store as the console sees it, which fails as a test plans.
    pub(crate) faults: Arc<Lossy<Arc<dyn Store>>>,
    pub(crate) clock: FakeClock,
    pub(crate) host: Arc<FakeHost>,
    _folder: TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A request to be sent.
pub(crate) struct Asked<'a> {
    console: &'a Console,
    method: Method,
    path: &'a str,
    host: &'a str,
    headers: Vec<(&'a str, String)>,
}

struct Given<'a>(&'a [(&'a str, &'a str)]);

impl Settings for Given<'_> {
    fn text(&self, name: &'static str) -> std::result::Result<Option<String>, SettingError> {
        Ok(self.0.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    fn zone(&self, name: &str) -> std::result::Result<TimeZone, InvalidValue> {
        match name {
            "UTC" => Ok(TimeZone::UTC),
            "Asia/Tokyo" => Ok(TimeZone::fixed(offset(9))),
            _ => Err(InvalidValue::new(text!(
                "it must be UTC or Asia/Tokyo",
                "UTC または Asia/Tokyo"
            ))),
        }
    }
}

/// Returns the settings as a host shows them.
fn settings_shown(settings: &[(&str, &str)]) -> Result<Vec<ShownSetting>> {
    Ok(shown(&Given(settings), SETTINGS.iter().map(|it| it.setting))?)
}

impl Console {
    /// The console of an empty database with these settings.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Result<Self> {
        Self::with(settings, |app| app)
    }

    /// The same, of a host that counts its answers.
    pub(crate) fn with_answer_times(
        settings: &[(&str, &str)],
        times: Arc<AnswerTimes>,
    ) -> Result<Self> {
        Self::with(settings, |app| app.with_answer_times(times))
    }

    fn with(
        settings: &[(&str, &str)],
        of_host: impl FnOnce(ConsoleApp) -> ConsoleApp,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("portal.db"))?);
        let secrets = Secrets::new(SECRETS)?;
        let config = ServiceConfig::read(&Given(settings), secrets)?;
        let clock = FakeClock::at(NOW);
        let faults = Arc::new(Lossy::new(Arc::clone(&store)));
        let seen = Arc::clone(&faults) as Arc<dyn Store>;
        let inspect = Arc::new(FakeHost::new(clock.clone()));
        let host = ConsoleHost {
            version: "1.2.3-test",
            schema_version: 1,
            settings: settings_shown(settings)?,
            inspect: Arc::clone(&inspect) as _,
        };
        let app = ConsoleApp::new(&config, seen, Arc::new(clock.clone()), host, LIMITS);
        Ok(Self {
            router: router(of_host(app)),
            store,
            faults,
            clock,
            host: inspect,
            _folder: folder,
        })
    }

    /// Records events as the intake does.
    pub(crate) fn record(&self, events: impl IntoIterator<Item = Event>) -> Result {
        block_on(self.store.record(&batch(events), self.clock.now()))?;
        Ok(())
    }

    pub(crate) fn ask<'a>(&'a self, method: Method, path: &'a str) -> Asked<'a> {
        Asked { console: self, method, path, host: HOST, headers: Vec::new() }
    }

    /// A page that is opened.
    pub(crate) fn get<'a>(&'a self, path: &'a str) -> Asked<'a> {
        self.ask(Method::GET, path)
    }

    /// A form that a browser sends from a page of the console.
    pub(crate) fn form<'a>(&'a self, path: &'a str) -> Asked<'a> {
        self.ask(Method::POST, path)
            .with("content-type", "application/x-www-form-urlencoded")
            .with("sec-fetch-site", "same-origin")
    }

    /// Signs in by the form; returns the cookie that the browser sends from then on.
    pub(crate) fn sign_in(&self, token: &str) -> Result<String> {
        let answer = self.form("/ops/sign-in").send(&format!("token={token}"))?;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        match answer.status {
            StatusCode::SEE_OTHER => Ok(cookie),
            status => Err(format!("signing in: {status}: {}", answer.body).into()),
        }
    }
}

impl<'a> Asked<'a> {
    /// Adds a header, or a second one of its name.
    pub(crate) fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Removes a header again.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|it| it.0 != name);
        self
    }

    pub(crate) fn at(self, host: &'a str) -> Self {
        Self { host, ..self }
    }

    pub(crate) fn bearing(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn with_cookie(self, cookie: &str) -> Self {
        self.with("cookie", cookie)
    }

    /// Sends it without a body.
    pub(crate) fn answer(self) -> Result<Answer> {
        self.send("")
    }

    pub(crate) fn send(self, body: &str) -> Result<Answer> {
        let answering = self.answering(body)?;
        block_on(async {
            let (head, body) = answering.await.into_parts();
            let body = String::from_utf8(to_bytes(body, usize::MAX).await?.to_vec())?;
            Ok(Answer { status: head.status, headers: head.headers, body })
        })
    }
}

impl Asked<'_> {
    /// Returns the answer to be, whose body is still to be read.
    pub(crate) fn answering(
        self,
        body: &str,
    ) -> Result<impl Future<Output = Response> + Unpin + use<>> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in [("host", self.host.to_owned())].into_iter().chain(self.headers) {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body.to_owned()))?;
        let answer = self.console.router.clone().oneshot(request);
        Ok(Box::pin(async { answer.await.unwrap_or_else(|never| match never {}) }))
    }
}

impl Answer {
    /// The value of a header, or an empty text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}
