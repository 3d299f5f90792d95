//! The API below `/ops/api/v1`: the JSON objects of the command line, key for key.
//!
//! A list is `{"data":[…],"next":"…"}`; `next` is the value of `after` for the next page, or null.

mod acts;

use std::sync::Arc;

use portal_domain::Window;
use portal_domain::endpoint::problems;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::lookup::{find_with_breakdown, last_events_of};
use portal_domain::payouts::{StatementJson, lookup};
use portal_domain::signature_history::SignatureHistory;
use portal_domain::{AlertFilter, AlertKey, EventId, ObjectId};
use portal_service::doctor::DoctorRun;
use portal_service::json::{
    ActionLine, AlertLine, DonationDetail, EventDetail, EventSummary, FindingLine, OverviewLine,
    ReportDetail, ReportLine,
};
use portal_service::status::StoreStatus;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Desk;
use crate::donation_page::DonationPage;
use crate::donation_query::{DonationQuery, cursor_text};
use crate::livemode::livemode;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::pages::events::{EventPage, event_page, selection};
use crate::pages::payouts::payout_page;
use crate::pages::statement::StatementPeriod;
use crate::pages::trail::action_filter;
use crate::reply::PageReply;
use crate::tables::{cut, limit};

pub(crate) use acts::{
    acknowledge_alert, acknowledge_events, cancel_comparison, comparison, ignore, reconcile,
    reprocess, silence_alert, test_channels, unsilence_alert,
};

pub(crate) async fn donations(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let query = DonationQuery::read(&page, livemode(&desk, &page).await?)?;
    let (after, searched) = (query.after.as_ref(), desk.limits.rows_searched);
    let rows =
        DonationPage::read(&*desk.store, &query.filter, after, limit(&page), searched).await?;
    let next = rows.next.as_ref().map(|(at, id)| cursor_text(*at, id));
    let rows = lookup::accounted(&*desk.store, rows.donations, desk.clock.now()).await?;
    Ok(json!({ "data": rows, "next": next }))
}

pub(crate) async fn totals(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let query = DonationQuery::read(&page, livemode(&desk, &page).await?)?;
    Ok(json!({ "data": desk.store.totals(&query.filter).await? }))
}

pub(crate) async fn payouts(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let livemode = livemode(&desk, &page).await?;
    let after = DonationQuery::read(&page, livemode)?.after;
    let (rows, next) = payout_page(&desk, livemode, after.as_ref(), limit(&page)).await?;
    let data: Vec<_> = rows.iter().map(|(row, it)| StatementJson::of(row, it)).collect();
    Ok(json!({ "data": data, "next": next }))
}

pub(crate) async fn payout(
    desk: Arc<Desk>,
    _: PageRequest,
    id: String,
) -> Result<Value, PageError> {
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let row = desk.store.payout(&id).await?.ok_or(PageError::NoSuchId)?;
    let statement = lookup::statement(&*desk.store, &row).await?;
    Ok(value(&StatementJson::of(&row, &statement)))
}

pub(crate) async fn account(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let livemode = livemode(&desk, &page).await?;
    let [since, until] = StatementPeriod::read(&page)?.bounds;
    let accounts = lookup::accounts(&*desk.store, livemode, Window { since, until }).await?;
    Ok(json!({ "data": accounts, "next": null }))
}

pub(crate) async fn donation(
    desk: Arc<Desk>,
    _: PageRequest,
    id: String,
) -> Result<Value, PageError> {
    let store = &*desk.store;
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let (breakdown, _) = find_with_breakdown(store, &id).await?.ok_or(PageError::NoSuchId)?;
    let events = last_events_of(store, &breakdown.donation.id).await?;
    let money = lookup::money_of_one(store, &breakdown.donation, desk.clock.now()).await?;
    Ok(value(&DonationDetail::of(&breakdown, &money, &events)))
}

pub(crate) async fn events(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let EventPage { events, next, .. } =
        event_page(&desk, &page, selection(&page, &page.query)?).await?;
    let data: Vec<_> = events.iter().map(EventSummary::of).collect();
    Ok(json!({ "data": data, "next": next }))
}

pub(crate) async fn event(desk: Arc<Desk>, _: PageRequest, id: String) -> Result<Value, PageError> {
    let id = EventId::new(&id).ok_or(PageError::NoSuchId)?;
    let event = desk.store.event(&id).await?.ok_or(PageError::NoSuchId)?;
    Ok(value(&EventDetail::of(&event)))
}

pub(crate) async fn alerts(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let filter = if page.value("open").is_some() { AlertFilter::Open } else { AlertFilter::All };
    let alerts = desk.store.alerts(filter, limit(&page)).await?;
    Ok(json!({ "data": alerts.iter().map(AlertLine::of).collect::<Vec<_>>(), "next": null }))
}

pub(crate) async fn alert(
    desk: Arc<Desk>,
    _: PageRequest,
    key: String,
) -> Result<Value, PageError> {
    let key = AlertKey::new(&key).ok_or(PageError::NoSuchId)?;
    let alert = desk.store.alert(&key).await?.ok_or(PageError::NoSuchId)?;
    Ok(value(&AlertLine::of(&alert)))
}

pub(crate) async fn reports(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let reports = desk.store.reports(None, limit(&page)).await?;
    Ok(json!({ "data": reports.iter().map(ReportLine::of).collect::<Vec<_>>(), "next": null }))
}

pub(crate) async fn report(
    desk: Arc<Desk>,
    _: PageRequest,
    number: String,
) -> Result<Value, PageError> {
    let number = number.parse().map_err(|_| PageError::NoSuchId)?;
    let found = desk.store.reports(Some(number), 1).await?.into_iter().next();
    let (number, report) = found.ok_or(PageError::NoSuchId)?;
    Ok(value(&ReportDetail::of(number, &report)))
}

pub(crate) async fn actions(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let (by, limit) = (action_filter(&page)?, limit(&page));
    let rows = desk.store.actions(&by, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |it| it.seq.to_string());
    let data: Vec<_> = rows.iter().map(ActionLine::of).collect();
    Ok(json!({ "data": data, "next": next }))
}

pub(crate) async fn overview(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let status = StoreStatus::read(&*desk.store, &desk.channels, page.now).await?;
    Ok(value(&OverviewLine::of(&status, desk.read_budget, page.now)))
}

/// The endpoint as it was seen last at Stripe, the use of the secrets, and what was refused lately.
pub(crate) async fn endpoint(desk: Arc<Desk>, page: PageRequest) -> Result<Value, PageError> {
    let check = EndpointCheck::read(&*desk.store, desk.livemode()).await?;
    let history = SignatureHistory::read(&*desk.store).await?;
    let found = check.seen_at.map(|_| problems(&check.endpoints)).unwrap_or_default();
    let uses = history.uses(&desk.fingerprints, page.now);
    let secret = |(sha256, used)| json!({ "sha256": sha256, "use": value(used) });
    Ok(json!({
        "url": desk.webhook_url,
        "seen_at": check.seen_at,
        "failed": check.failed,
        "endpoints": check.endpoints,
        "problems": found.iter().map(|it| it.problem.name()).collect::<Vec<_>>(),
        "secrets": desk.fingerprints.iter().zip(&uses).map(secret).collect::<Vec<_>>(),
        "refused": history.refused_lately(page.now),
    }))
}

/// The findings of the last run.
pub(crate) async fn doctor(desk: Arc<Desk>, _: PageRequest) -> Result<Value, PageError> {
    let run = DoctorRun::read(&*desk.store).await?;
    let findings = run.iter().flat_map(|it| &it.findings);
    let data: Vec<_> = findings.map(FindingLine::of).collect();
    Ok(json!({ "made_at": run.as_ref().map(|it| it.made_at), "data": data, "next": null }))
}

pub(crate) async fn config(desk: Arc<Desk>, _: PageRequest) -> Result<Value, PageError> {
    Ok(json!({ "data": desk.host.settings, "next": null }))
}

/// The description of the API.
pub(crate) async fn openapi() -> PageReply {
    let text = include_str!("../../../docs/openapi.json");
    PageReply::Asset { content_type: "application/json", text }
}

/// The objects have no maps but those with text keys, so that each is JSON.
fn value(object: &impl Serialize) -> Value {
    let value = serde_json::to_value(object);
    debug_assert!(value.is_ok(), "the object is JSON");
    value.unwrap_or_default()
}
