//! A request for a page, as far as all pages need it.

use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderValue, Method, Uri};
use jiff::tz::TimeZone;
use portal_domain::UnixSeconds;
use portal_outbound::{Language, Locale};
use portal_service::period::FiscalYearStart;

use crate::Desk;
use crate::visitor::{Visitor, cookie};

/// The cookie of the language, which says nothing about its reader.
const LANGUAGE_COOKIE: &str = "ops-lang";

/// The key of the address that asks for a page to be refreshed, every so many seconds.
pub(crate) const LIVE: &str = "live";

/// The beginning of the paths that programs ask for.
const API: &str = "/ops/api/";

/// The path of the metrics, where every client looks for them.
pub(crate) const METRICS: &str = "/metrics";

/// A request for a page.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    pub(crate) now: UnixSeconds,
    pub(crate) locale: Locale,
    pub(crate) fiscal_year_start: FiscalYearStart,
    /// Nobody on the page for signing in.
    pub(crate) visitor: Option<Visitor>,
    pub(crate) path: String,
    /// The pairs of the query that stand there, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// True if `?lang=` chose the language.
    chose_language: bool,
    /// False for the answer to a form, and where a link to the page would repeat what a stranger sent.
    pub(crate) can_be_reopened: bool,
}

impl PageRequest {
    pub(crate) fn of(
        desk: &Desk,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Self {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let query: Vec<(String, String)> = query.into_owned().collect();
        let chosen = query.iter().find(|(name, _)| name == "lang");
        let chosen = chosen.and_then(|(_, name)| Language::from_name(name));
        let language = chosen
            .or_else(|| cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_name))
            .or_else(|| accepted(headers))
            .unwrap_or(desk.context.locale.language);
        Self {
            now,
            locale: Locale { language, zone: desk.context.locale.zone.clone() },
            fiscal_year_start: desk.config.fiscal_year_start,
            visitor: None,
            path: uri.path().to_owned(),
            query,
            chose_language: chosen.is_some(),
            can_be_reopened: method != Method::POST,
        }
    }

    pub(crate) fn with_visitor(self, visitor: Visitor) -> Self {
        Self { visitor: Some(visitor), ..self }
    }

    /// The same, for a page that repeats nothing of its address.
    pub(crate) fn without_address(&self) -> Self {
        Self { can_be_reopened: false, ..self.clone() }
    }

    /// True for a request of a program.
    pub(crate) fn is_api(&self) -> bool {
        self.path.starts_with(API) || self.is_metrics()
    }

    /// True for a request of one who collects metrics.
    pub(crate) fn is_metrics(&self) -> bool {
        self.path == METRICS
    }

    /// Returns the text in the language of the page.
    pub(crate) fn pick<T>(&self, english: T, japanese: T) -> T {
        self.locale.language.pick(english, japanese)
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.locale.zone
    }

    /// Returns the value of a key of the query, unless it is empty: forms send what was left open.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        let found = self.query.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| &**value).filter(|it| !it.is_empty())
    }

    /// Returns the seconds between two refreshes of the page, where the address asks for any.
    pub(crate) fn refresh_seconds(&self) -> Option<u32> {
        /// More often costs the store more than anybody can read.
        const LEAST: u32 = 5;
        const MOST: u32 = 60;
        self.value(LIVE)?.parse().ok().map(|it: u32| it.clamp(LEAST, MOST))
    }

    /// Returns this address with one key of the query set to another value, or left out.
    pub(crate) fn with(&self, key: &str, value: Option<&str>) -> String {
        self.with_all(&[(key, value)])
    }

    /// Returns this address with some keys of the query set to other values, or left out.
    pub(crate) fn with_all(&self, keys: &[(&str, Option<&str>)]) -> String {
        self.at_with(&self.path, keys)
    }

    /// Returns the address of another path with this query, but for some keys.
    pub(crate) fn at_with(&self, path: &str, keys: &[(&str, Option<&str>)]) -> String {
        let is_changed = |name: &str| keys.iter().any(|(key, _)| *key == name);
        let rest = self.query.iter().filter(|(name, it)| !is_changed(name) && !it.is_empty());
        let rest = rest.map(|(name, it)| (&**name, &**it));
        let changed = keys.iter().filter_map(|(key, value)| value.map(|it| (*key, it)));
        address(path, rest.chain(changed))
    }

    /// Returns the cookie for a language that was chosen.
    pub(crate) fn language_cookie(&self) -> Option<HeaderValue> {
        let name = self.chose_language.then(|| self.locale.language.name())?;
        let cookie = format!(
            "{LANGUAGE_COOKIE}={name}; Path=/ops; Max-Age=31536000; SameSite=Strict; HttpOnly"
        );
        HeaderValue::from_str(&cookie).ok()
    }
}

/// Returns `path` with a query.
pub(crate) fn address<'a>(
    path: &str,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Returns the first language of `Accept-Language` that pages have; browsers put the preferred first.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let text = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    text.split(',').find_map(|it| {
        let name = it.split([';', '-']).next()?.trim();
        Language::from_name(&name.to_lowercase())
    })
}
