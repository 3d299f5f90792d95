//! The comparison that somebody asked for: how far it is, and cancelling it.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::ports::ActionFilter;
use portal_domain::requested_run::{self, RequestedRun};
use portal_domain::{
    ActionOutcome, ActionResult, ActionRow, ActionScope, ActionVerb, Window, Written,
};

use crate::Desk;
use crate::act_refusal::ActRefusal;
use crate::acting::{Fields, fields, may_act, number, on_trail};
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::words;

pub(crate) async fn progress(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let under_way = under_way(desk).await?;
    Ok(PageContent {
        title: page.pick("Comparison with Stripe", "Stripe との照合").to_owned(),
        body: match under_way {
            Some(requested) => {
                let by = requested_run::entry(&*desk.store, requested.action).await?;
                html! { (run(page, &requested, by.as_ref())) }
            }
            None => ended(desk, page).await?,
        },
    })
}

/// Returns the run that is under way, in the mode of the key.
pub(crate) async fn under_way(desk: &Desk) -> Result<Option<RequestedRun>, PageError> {
    let livemode = desk.context.livemode.ok_or(ActRefusal::NoKey)?;
    Ok(requested_run::under_way(&*desk.store, livemode).await?)
}

fn run(page: &PageRequest, requested: &RequestedRun, by: Option<&ActionRow>) -> Markup {
    let (reading, done) = requested.run.progress();
    let Window { since, until } = requested.run.report.window;
    html! {
        dl {
            dt { (page.pick("Period", "期間")) }
            dd { (time(page, since)) " – " (time(page, until)) }
            @if let Some(by) = by {
                dt { (page.pick("Asked for", "開始")) }
                dd { (time(page, by.at)) " · " span .id { (by.action.who) } }
            }
            dt { (page.pick("Now reading", "読み取り中")) }
            dd {
                span .id { (reading) }
                @if let Some(done) = done {
                    " " progress max="1000" value=(done) aria-label=(page.pick("Read so far", "読み取り済み")) {}
                    " " (done / 10) " %"
                }
            }
        }
        p { (page.pick("Open this page again to see how far it is.", "進み具合は、このページを開き直すと更新されます。")) }
        @if may_act(page) {
            form .no-print method="post" action="/ops/reports/cancel" {
                input type="hidden" name="action" value=(requested.action);
                button type="submit" { (page.pick("Cancel the comparison", "照合を中止する")) }
            }
        }
    }
}

/// Says that nothing is under way, and what came of the last one.
async fn ended(desk: &Desk, page: &PageRequest) -> Result<Markup, PageError> {
    let by = ActionFilter { verb: Some(ActionVerb::Reconcile), ..ActionFilter::default() };
    let last = desk.store.actions(&by, 1).await?.into_iter().next();
    Ok(html! {
        p { (page.pick("No comparison that somebody asked for is under way.", "現在、手動の照合は行われていません。")) }
        @if let Some(last) = &last {
            @let (class, result) = words::result(page, last.outcome.map(|it| it.result));
            p {
                (page.pick("The last one:", "前回:")) " " (time(page, last.at)) " · "
                span .id { (last.action.who) } " · " span class=(class) { (result) }
            }
        }
        p { a href="/ops/reports" { (page.pick("See the reports", "照合レポートを見る")) } }
    })
}

pub(crate) async fn cancel(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    cancel_comparison(&desk, &page, form).await?;
    Ok("/ops/reports/progress".to_owned())
}

/// Cancels the comparison of that entry of the trail, if it is the one that is under way: its entry gets
/// that outcome, and the process that polls Stripe leaves it there.
pub(crate) async fn cancel_comparison(
    desk: &Desk,
    page: &PageRequest,
    form: Fields,
) -> Result<(), PageError> {
    let action = number(&fields(page, form)?, "action")?;
    let requested = under_way(desk).await?.filter(|it| it.action == action);
    let Window { since, until } = requested.ok_or(ActRefusal::NotUnderWay)?.run.report.window;
    let scope = ActionScope { since: Some(since), until: Some(until), ..ActionScope::default() };
    let finish = async {
        let result = ActionResult::Cancelled;
        let outcome = ActionOutcome { at: desk.clock.now(), count: 0, result };
        match desk.store.finish_action(action, &outcome).await? {
            Written::Applied => Ok(((), ActionResult::Done, 1)),
            Written::Stale => Err(ActRefusal::NotUnderWay.into()),
        }
    };
    on_trail(desk, page, ActionVerb::CancelReconcile, scope, finish).await
}
