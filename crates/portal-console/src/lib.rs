//! The operator's console: pages and charts over the ports, the same on every host.
//!
//! The crate turns requests into reads of the store and actions, and their results into HTML that works
//! without a script. It does not know databases, sockets, the clock or a runtime; a host gives the store,
//! the clock and the settings. Whatever is shown is an id, an enum, an amount, a time or a text of ours.

mod gate;
mod same_origin;
mod sign_in;
mod sign_in_form;
mod turns;
mod visitor;

mod access_error;
mod act_refusal;
mod page_error;
mod page_request;
mod render;
mod reply;
mod routes;

mod acting;
mod api;
mod findings;
mod host;
mod ids;
mod json;
mod proof;
mod tables;
mod words;

mod adding_up;
mod asset_files;
mod assets;
mod charts;
mod coverage;
mod donation_page;
mod donation_query;
mod donation_rows;
mod filter_fields;
mod layout;
mod livemode;
mod money_cells;
mod money_words;
mod pages;
mod period_query;
mod query_key;
mod streamed;
mod sum_table;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use portal_domain::{Clock, Store, StoreError, UnixSeconds};
use portal_outbound::MessageContext;
use portal_service::AnswerTimes;
use portal_service::metrics::Metrics;
use portal_service::settings::{ConsoleConfig, ServiceConfig};

use crate::gate::WrongTokens;
use crate::page_error::PageError;
use crate::page_request::{METRICS, PageRequest};
use crate::pages::{alerts, doctor, donations, endpoint, events, payouts, reports, trail};
use crate::render::reply;
use crate::reply::PageReply;
use crate::turns::Turns;

pub use host::{ConsoleHost, Inspect};

/// The prefix of all paths of the console but that of metrics.
const PREFIX: &str = "/ops";

/// True for a path that the console answers, and not the public routes.
#[must_use]
pub fn is_of_console(path: &str) -> bool {
    let below = path.strip_prefix(PREFIX);
    path == METRICS || below.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// The most bytes of a form: the largest has the ids that were ticked on one page of a list.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// All that the console needs of its host.
pub struct ConsoleApp {
    /// A store whose reads delay no delivery.
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: ConsoleConfig,
    /// The texts of alerts are those of the channels; the time zone is that of all pages, and the
    /// language that of those who prefer none.
    context: MessageContext,
    /// The names of the configured channels.
    channels: Vec<String>,
    /// The most reads at Stripe within 30 days; `None` without a key.
    read_budget: Option<u64>,
    /// The times of the answers of this process, where the host has one that lasts.
    answer_times: Option<Arc<AnswerTimes>>,
    /// The metrics of this process, where the host gives any.
    metrics: Option<Arc<Metrics>>,
    /// The URL that the endpoint at Stripe should have; `None` without it, or without a key.
    webhook_url: Option<String>,
    /// The fingerprints of the signing secrets, in their order.
    fingerprints: Vec<Box<str>>,
    host: ConsoleHost,
    limits: ConsoleLimits,
}

/// The limits of what pages cost, which depend on the host.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleLimits {
    /// The most pages that are made at once; beyond, the console says that it is busy. A host that ends
    /// requests without saying so, as Workers do, cannot count them.
    pub pages_at_once: usize,
    /// The events or donations that are looked at for one page of a list, where no index finds those of
    /// its filter.
    pub rows_searched: u32,
    /// The donations that a list adds up unasked.
    pub donations_added_up: u32,
}

impl ConsoleApp {
    /// The console of a service with these settings.
    #[must_use]
    pub fn new(
        config: &ServiceConfig,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        host: ConsoleHost,
        limits: ConsoleLimits,
    ) -> Self {
        let secrets = config.receiver.secrets.iter();
        Self {
            store,
            clock,
            config: config.console.clone(),
            context: config.context.clone(),
            channels: config.addresses.iter().map(|it| it.name().to_owned()).collect(),
            read_budget: config.stripe.as_ref().map(|it| it.read_budget),
            answer_times: None,
            metrics: None,
            webhook_url: config.stripe.as_ref().and_then(|it| it.webhook_url.clone()),
            fingerprints: secrets.map(|it| it.fingerprint().into()).collect(),
            host,
            limits,
        }
    }

    /// Shows the times of the answers of this process as well.
    #[must_use]
    pub fn with_answer_times(self, answer_times: Arc<AnswerTimes>) -> Self {
        Self { answer_times: Some(answer_times), ..self }
    }

    /// Gives metrics to those who collect them.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// True if the key of the service is for live mode.
    fn livemode(&self) -> bool {
        self.context.livemode == Some(true)
    }

    /// Returns the number of reads at Stripe that are left; `None` without a key.
    async fn reads_left(&self, now: UnixSeconds) -> Result<Option<u64>, StoreError> {
        let Some(budget) = self.read_budget else { return Ok(None) };
        Ok(Some(budget.saturating_sub(self.store.spend(0, now).await?)))
    }
}

/// The console and what it counts.
struct Desk {
    console: ConsoleApp,
    wrong_tokens: WrongTokens,
    turns: Arc<Turns>,
}

impl std::ops::Deref for Desk {
    type Target = ConsoleApp;

    fn deref(&self) -> &ConsoleApp {
        &self.console
    }
}

/// Returns the routes of the console, for the paths of [`is_of_console`], and a way there from `/`.
///
/// Everybody who gets here may act if the settings name no operator: a host then serves it on this
/// machine alone.
pub fn router(console: ConsoleApp) -> Router {
    let turns = Turns::new(console.limits.pages_at_once);
    let desk = Arc::new(Desk { console, wrong_tokens: WrongTokens::default(), turns });
    Router::new()
        .route("/", get(async || Redirect::to("/ops/")))
        .route("/ops", get(async || Redirect::to("/ops/")))
        .route("/ops/", routes::page(pages::overview))
        .route("/ops/donations", routes::page(donations::donations))
        .route("/ops/donations.csv", routes::download(donations::donations_csv))
        .route("/ops/donations.json", routes::download(donations::donations_json))
        .route("/ops/donations/{id}", routes::page_of(donations::donation))
        .route("/ops/statement", routes::page(pages::statement::statement))
        .route("/ops/payouts", routes::page(payouts::payouts))
        .route("/ops/payouts/{id}", routes::page_of(payouts::payout))
        .route("/ops/account", routes::page(payouts::account))
        .route("/ops/events", routes::page(events::events))
        .route(
            "/ops/events/reprocess",
            routes::page(events::confirm_reprocess).merge(routes::form(events::reprocess)),
        )
        .route(
            "/ops/events/ignore",
            routes::page(events::confirm_ignore).merge(routes::form(events::ignore)),
        )
        .route(
            "/ops/events/acknowledge",
            routes::page(events::confirm_acknowledge).merge(routes::form(events::acknowledge)),
        )
        .route("/ops/events/{id}", routes::page_of(events::event))
        .route("/ops/deliveries", routes::page(pages::deliveries))
        .merge(alert_routes())
        .route("/ops/reports", routes::page(reports::reports))
        .route(
            "/ops/reports/compare",
            routes::page(reports::confirm_compare).merge(routes::form(reports::compare)),
        )
        .route("/ops/reports/progress", routes::page(reports::progress))
        .route("/ops/reports/cancel", routes::form(reports::cancel))
        .route("/ops/reports/{number}", routes::page_of(reports::report))
        .route("/ops/endpoint", routes::page(endpoint::endpoint))
        .route(
            "/ops/endpoint/look",
            routes::page(endpoint::confirm_look).merge(routes::form(endpoint::look)),
        )
        .route("/ops/doctor", routes::page(doctor::doctor))
        .route(
            "/ops/doctor/run",
            routes::page(doctor::confirm_doctor).merge(routes::form(doctor::run_doctor)),
        )
        .route("/ops/settings", routes::page(pages::settings))
        .route("/ops/actions", routes::page(trail::trail))
        .route("/ops/actions.csv", routes::download(trail::trail_csv))
        .route("/ops/actions.json", routes::download(trail::trail_json))
        .merge(api_routes())
        .route("/ops/go", routes::leads_on(pages::go))
        .route("/ops/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/ops/sign-out", post(sign_in::sign_out))
        .route("/ops/assets/{name}", get(assets::get))
        .route(METRICS, get(metrics))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), gate::pass))
        .with_state(desk)
}

fn alert_routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/ops/alerts", routes::page(alerts::alerts))
        .route(
            "/ops/alerts/test",
            routes::page(alerts::confirm_test).merge(routes::form(alerts::test)),
        )
        .route("/ops/alerts/{key}", routes::page_of(alerts::alert))
        .route(
            "/ops/alerts/{key}/acknowledge",
            routes::page_of(alerts::confirm_acknowledge)
                .merge(routes::form_of(alerts::acknowledge)),
        )
        .route(
            "/ops/alerts/{key}/silence",
            routes::page_of(alerts::confirm_silence).merge(routes::form_of(alerts::silence)),
        )
        .route("/ops/alerts/{key}/unsilence", routes::form_of(alerts::unsilence))
}

/// Returns the routes that programs ask for.
fn api_routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/ops/api/v1/donations", routes::data(api::donations))
        .route("/ops/api/v1/donations/{id}", routes::data_of(api::donation))
        .route("/ops/api/v1/totals", routes::data(api::totals))
        .route("/ops/api/v1/payouts", routes::data(api::payouts))
        .route("/ops/api/v1/payouts/{id}", routes::data_of(api::payout))
        .route("/ops/api/v1/account", routes::data(api::account))
        .route("/ops/api/v1/events", routes::data(api::events))
        .route("/ops/api/v1/events/{id}", routes::data_of(api::event))
        .route("/ops/api/v1/events/reprocess", routes::act(api::reprocess))
        .route("/ops/api/v1/events/ignore", routes::act(api::ignore))
        .route("/ops/api/v1/events/acknowledge", routes::act(api::acknowledge_events))
        .route("/ops/api/v1/alerts", routes::data(api::alerts))
        .route("/ops/api/v1/alerts/test", routes::replied(api::test_channels))
        .route("/ops/api/v1/alerts/{key}", routes::data_of(api::alert))
        .route("/ops/api/v1/alerts/{key}/acknowledge", routes::act_of(api::acknowledge_alert))
        .route("/ops/api/v1/alerts/{key}/silence", routes::act_of(api::silence_alert))
        .route("/ops/api/v1/alerts/{key}/unsilence", routes::act_of(api::unsilence_alert))
        .route(
            "/ops/api/v1/reconcile",
            routes::data(api::comparison).merge(routes::replied(api::reconcile)),
        )
        .route("/ops/api/v1/reconcile/cancel", routes::act(api::cancel_comparison))
        .route("/ops/api/v1/reports", routes::data(api::reports))
        .route("/ops/api/v1/reports/{number}", routes::data_of(api::report))
        .route("/ops/api/v1/actions", routes::data(api::actions))
        .route("/ops/api/v1/overview", routes::data(api::overview))
        .route("/ops/api/v1/endpoint", routes::data(api::endpoint))
        .route("/ops/api/v1/doctor", routes::data(api::doctor))
        .route("/ops/api/v1/config", routes::data(api::config))
        .route("/ops/api/v1/openapi.json", get(api::openapi))
}

async fn metrics(State(desk): State<Arc<Desk>>) -> PageReply {
    match &desk.metrics {
        Some(metrics) => PageReply::Metrics(metrics.text().await),
        None => PageReply::ApiError(PageError::NotFound),
    }
}

async fn not_found(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    refused(&desk, &page, PageError::NotFound)
}

async fn method_not_allowed(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    refused(&desk, &page, PageError::MethodNotAllowed)
}

fn refused(desk: &Desk, page: &PageRequest, error: PageError) -> PageReply {
    if page.is_api() { PageReply::ApiError(error) } else { reply(desk, page, Err(error)) }
}
