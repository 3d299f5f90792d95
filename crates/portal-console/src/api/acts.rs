//! The acts of programs by the API, as the forms of the console do them.

use std::sync::Arc;

use portal_domain::Window;
use portal_domain::requested_run::RequestedRun;
use serde_json::json;

use crate::Desk;
use crate::acting::{Fields, fields};
use crate::json::Json;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::pages::alerts::{self, AlertAct, act_on_alert};
use crate::pages::events::{EventAct, act_on_events, count_for_act};
use crate::pages::reports;
use crate::reply::PageReply;

pub(crate) async fn reprocess(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<Json, PageError> {
    on_events(&desk, &page, EventAct::Reprocess, form).await
}

pub(crate) async fn ignore(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<Json, PageError> {
    on_events(&desk, &page, EventAct::Ignore, form).await
}

pub(crate) async fn acknowledge_events(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<Json, PageError> {
    on_events(&desk, &page, EventAct::Acknowledge, form).await
}

/// Acts on events, or says with `?dry_run=1` on how many it would act.
async fn on_events(
    desk: &Desk,
    page: &PageRequest,
    act: EventAct,
    form: Fields,
) -> Result<Json, PageError> {
    if is_dry_run(page)? {
        return Ok(json!({ "count": count_for_act(desk, page, act, form).await? }).into());
    }
    let (count, dead) = act_on_events(desk, page, act, form).await?;
    let done = match act {
        EventAct::Reprocess => json!({ "count": count, "still_dead": dead }),
        EventAct::Ignore | EventAct::Acknowledge => json!({ "count": count }),
    };
    Ok(done.into())
}

pub(crate) async fn acknowledge_alert(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<Json, PageError> {
    on_alert(&desk, &page, AlertAct::Acknowledge, &key, form).await
}

pub(crate) async fn silence_alert(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<Json, PageError> {
    on_alert(&desk, &page, AlertAct::Silence, &key, form).await
}

pub(crate) async fn unsilence_alert(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<Json, PageError> {
    on_alert(&desk, &page, AlertAct::Unsilence, &key, form).await
}

async fn on_alert(
    desk: &Desk,
    page: &PageRequest,
    act: AlertAct,
    key: &str,
    form: Fields,
) -> Result<Json, PageError> {
    Ok(json!({ "count": act_on_alert(desk, page, act, key, form).await? }).into())
}

pub(crate) async fn test_channels(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<PageReply, PageError> {
    let key = alerts::test_channels(&desk, &page, form).await?;
    Ok(PageReply::Accepted(json!({ "see": format!("/ops/api/v1/alerts/{key}") }).into()))
}

/// Compares with Stripe, or says with `?dry_run=1` how many reads that would take.
pub(crate) async fn reconcile(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<PageReply, PageError> {
    let fields = fields(&page, form)?;
    if is_dry_run(&page)? {
        let plan = reports::plan(&desk, &page, &fields).await?;
        let Window { since, until } = plan.window;
        let plan = json!({
            "since": since, "until": until, "reads": plan.estimated, "reads_left": plan.left,
        });
        return Ok(PageReply::Data(plan.into()));
    }
    let action = reports::start(&desk, &page, &fields).await?;
    Ok(PageReply::Accepted(json!({ "action": action, "see": "/ops/api/v1/reconcile" }).into()))
}

/// The comparison that is under way, or null.
pub(crate) async fn comparison(desk: Arc<Desk>, _: PageRequest) -> Result<Json, PageError> {
    let under_way = reports::under_way(&desk).await?;
    let line = |RequestedRun { action, run }: RequestedRun| {
        let (Window { since, until }, (reading, permille)) = (run.report.window, run.progress());
        json!({ "action": action, "since": since, "until": until, "reading": reading, "permille": permille })
    };
    Ok(json!({ "under_way": under_way.map(line) }).into())
}

pub(crate) async fn cancel_comparison(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<Json, PageError> {
    reports::cancel_comparison(&desk, &page, form).await?;
    Ok(json!({ "count": 1 }).into())
}

fn is_dry_run(page: &PageRequest) -> Result<bool, PageError> {
    match page.value("dry_run") {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        // A program that means it another way shall not act.
        Some(_) => Err(PageError::BadQuery { key: "dry_run", form: "0 | 1" }),
    }
}
