//! The API below `/ops/api/v1`: the JSON objects of the command line, key for key.
//!
//! A list is `{"data":[…],"next":"…"}`; `next` is the value of `after` for the next page, or null.

mod acts;
mod endpoint;

use std::sync::Arc;

use portal_domain::Window;
use portal_domain::lookup::{find_with_breakdown, last_events_of};
use portal_domain::payouts::{StatementJson, lookup};
use portal_domain::{AlertFilter, AlertKey, EventId, ObjectId, UnixSeconds};
use portal_service::doctor::DoctorRun;
use portal_service::json::{
    ActionLine, AlertLine, DonationDetail, EventDetail, EventSummary, FindingLine, OverviewLine,
    ReportDetail, ReportLine,
};
use portal_service::status::StoreStatus;
use serde::Serialize;

use crate::Desk;
use crate::donation_page::DonationPage;
use crate::donation_query::{DonationQuery, cursor_text};
use crate::json::Json;
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
pub(crate) use endpoint::endpoint;

pub(crate) async fn donations(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let query = DonationQuery::read(&page, livemode(&desk, &page).await?)?;
    let (after, searched) = (query.after.as_ref(), desk.limits.rows_searched);
    let rows =
        DonationPage::read(&*desk.store, &query.filter, after, limit(&page), searched).await?;
    let next = rows.next.as_ref().map(|(at, id)| cursor_text(*at, id));
    let rows = lookup::accounted(&*desk.store, rows.donations, desk.clock.now()).await?;
    Ok(Json::list(&rows, next))
}

pub(crate) async fn totals(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let query = DonationQuery::read(&page, livemode(&desk, &page).await?)?;
    Ok(Json::list(&desk.store.totals(&query.filter).await?, None))
}

pub(crate) async fn payouts(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let livemode = livemode(&desk, &page).await?;
    let after = DonationQuery::read(&page, livemode)?.after;
    let (rows, next) = payout_page(&desk, livemode, after.as_ref(), limit(&page)).await?;
    let data: Vec<_> = rows.iter().map(|(row, it)| StatementJson::of(row, it)).collect();
    Ok(Json::list(&data, next))
}

pub(crate) async fn payout(desk: Arc<Desk>, _: PageRequest, id: String) -> Result<Json, PageError> {
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let row = desk.store.payout(&id).await?.ok_or(PageError::NoSuchId)?;
    let statement = lookup::statement(&*desk.store, &row).await?;
    Ok(Json::of(&StatementJson::of(&row, &statement)))
}

pub(crate) async fn account(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let livemode = livemode(&desk, &page).await?;
    let [since, until] = StatementPeriod::read(&page)?.bounds;
    let accounts = lookup::accounts(&*desk.store, livemode, Window { since, until }).await?;
    Ok(Json::list(&accounts, None))
}

pub(crate) async fn donation(
    desk: Arc<Desk>,
    _: PageRequest,
    id: String,
) -> Result<Json, PageError> {
    let store = &*desk.store;
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let (breakdown, _) = find_with_breakdown(store, &id).await?.ok_or(PageError::NoSuchId)?;
    let events = last_events_of(store, &breakdown.donation.id).await?;
    let money = lookup::money_of_one(store, &breakdown.donation, desk.clock.now()).await?;
    Ok(Json::of(&DonationDetail::of(&breakdown, &money, &events)))
}

pub(crate) async fn events(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let EventPage { events, next, .. } =
        event_page(&desk, &page, selection(&page, &page.query)?).await?;
    let data: Vec<_> = events.iter().map(EventSummary::of).collect();
    Ok(Json::list(&data, next))
}

pub(crate) async fn event(desk: Arc<Desk>, _: PageRequest, id: String) -> Result<Json, PageError> {
    let id = EventId::new(&id).ok_or(PageError::NoSuchId)?;
    let event = desk.store.event(&id).await?.ok_or(PageError::NoSuchId)?;
    Ok(Json::of(&EventDetail::of(&event)))
}

pub(crate) async fn alerts(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let filter = if page.value("open").is_some() { AlertFilter::Open } else { AlertFilter::All };
    let alerts = desk.store.alerts(filter, limit(&page)).await?;
    Ok(Json::list(&alerts.iter().map(AlertLine::of).collect::<Vec<_>>(), None))
}

pub(crate) async fn alert(desk: Arc<Desk>, _: PageRequest, key: String) -> Result<Json, PageError> {
    let key = AlertKey::new(&key).ok_or(PageError::NoSuchId)?;
    let alert = desk.store.alert(&key).await?.ok_or(PageError::NoSuchId)?;
    Ok(Json::of(&AlertLine::of(&alert)))
}

pub(crate) async fn reports(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let reports = desk.store.reports(None, limit(&page)).await?;
    Ok(Json::list(&reports.iter().map(ReportLine::of).collect::<Vec<_>>(), None))
}

pub(crate) async fn report(
    desk: Arc<Desk>,
    _: PageRequest,
    number: String,
) -> Result<Json, PageError> {
    let number = number.parse().map_err(|_| PageError::NoSuchId)?;
    let found = desk.store.reports(Some(number), 1).await?.into_iter().next();
    let (number, report) = found.ok_or(PageError::NoSuchId)?;
    Ok(Json::of(&ReportDetail::of(number, &report)))
}

pub(crate) async fn actions(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let (by, limit) = (action_filter(&page)?, limit(&page));
    let rows = desk.store.actions(&by, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |it| it.seq.to_string());
    let data: Vec<_> = rows.iter().map(ActionLine::of).collect();
    Ok(Json::list(&data, next))
}

pub(crate) async fn overview(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let status = StoreStatus::read(&*desk.store, &desk.channels, page.now).await?;
    Ok(Json::of(&OverviewLine::of(&status, desk.read_budget, page.now)))
}

/// The findings of the last run.
pub(crate) async fn doctor(desk: Arc<Desk>, _: PageRequest) -> Result<Json, PageError> {
    let run = DoctorRun::read(&*desk.store).await?;
    let findings = run.iter().flat_map(|it| &it.findings);
    let data: Vec<_> = findings.map(FindingLine::of).collect();
    Ok(Json::of(&DoctorLine { made_at: run.as_ref().map(|it| it.made_at), data, next: None }))
}

pub(crate) async fn config(desk: Arc<Desk>, _: PageRequest) -> Result<Json, PageError> {
    Ok(Json::list(&desk.host.settings, None))
}

#[derive(Serialize)]
struct DoctorLine<'d> {
    made_at: Option<UnixSeconds>,
    data: Vec<FindingLine<'d>>,
    next: Option<String>,
}

/// The description of the API.
pub(crate) async fn openapi() -> PageReply {
    let text = include_str!("../../../docs/openapi.json");
    PageReply::Asset { content_type: "application/json", text }
}
