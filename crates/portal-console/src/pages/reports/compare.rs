//! Comparing with Stripe now: first a page with the period and the reads that it takes, then the act. The
//! process that polls Stripe does it, step by step.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::reconcile::{FIRST_LOOK, ON_THE_WAY};
use portal_domain::requested_run::{self, RunRequested};
use portal_domain::{ActionResult, ActionScope, ActionVerb, UnixSeconds, Window};
use portal_service::period::day_in_zone;

use crate::Desk;
use crate::act_refusal::ActRefusal;
use crate::acting::{Fields, act_form, begin, check_role, fields, finish, value};
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::period_query::since_until;
use crate::words;

/// A comparison that could be made.
pub(crate) struct ComparisonPlan {
    pub(crate) window: Window,
    pub(crate) livemode: bool,
    /// About how many reads at Stripe it takes.
    pub(crate) estimated: u64,
    /// The reads that are left of the budget.
    pub(crate) left: u64,
}

pub(crate) async fn confirm_compare(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    check_role(page)?;
    let plan = plan(desk, page, &page.query).await?;
    let under_way = requested_run::under_way(&*desk.store, plan.livemode).await?;
    Ok(PageContent {
        title: page.pick("Compare with Stripe now?", "今すぐ Stripe と照合しますか？").to_owned(),
        body: html! {
            (period_form(page, plan.window))
            p {
                (time(page, plan.window.since)) " – " (time(page, plan.window.until)) " · " (words::mode(page, plan.livemode))
            }
            p { (cost(page, &plan)) }
            p {
                (page.pick(
                    "The events, payments, invoices, refunds and disputes of this period are read at Stripe, and what is missing here is recorded. Nothing changes at Stripe. It goes on beside the service, some reads at a time, and can be cancelled.",
                    "この期間のイベント、支払い、請求書、返金、不審請求の申し立てを Stripe から読み取り、不足分をここに記録します。Stripe 側は何も変わりません。サービスの裏で少しずつ進み、途中で中止できます。",
                ))
            }
            @if under_way.is_some() {
                p .warn {
                    "▲ " (page.pick("A comparison is under way already. ", "すでに照合中です。"))
                    a href="/ops/reports/progress" { (page.pick("See its progress", "進み具合を見る")) }
                }
            } @else if plan.is_over_budget() {
                p .warn { "▲ " (page.pick("These are more reads than are left: choose a shorter period.", "残りの読み取り回数を超えます。期間を短くしてください。")) }
            } @else {
                (act_form(page, page.pick("Compare now", "照合する"), "/ops/reports", &html! {
                    @for key in ["since", "until"] {
                        @if let Some(text) = page.value(key) { input type="hidden" name=(key) value=(text); }
                    }
                }))
            }
        },
    })
}

pub(crate) async fn compare(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    start(&desk, &page, &fields(&page, form)?).await?;
    Ok("/ops/reports/progress".to_owned())
}

/// Leaves a comparison for the process that polls Stripe, and returns the number of its entry in the
/// trail, which has no outcome until the comparison has ended.
pub(crate) async fn start(
    desk: &Desk,
    page: &PageRequest,
    fields: &[(String, String)],
) -> Result<u64, PageError> {
    let plan = plan(desk, page, fields).await?;
    if plan.is_over_budget() {
        let ComparisonPlan { estimated, left, .. } = plan;
        return Err(ActRefusal::OverBudget { estimated, left }.into());
    }
    let Window { since, until } = plan.window;
    let scope = ActionScope {
        livemode: Some(plan.livemode),
        since: Some(since),
        until: Some(until),
        ..ActionScope::default()
    };
    let action = begin(desk, page, ActionVerb::Reconcile, scope).await?;
    let (window, now) = (plan.window, desk.clock.now());
    let requested = requested_run::request(&*desk.store, action, window, plan.livemode, now).await;
    match requested {
        Ok(RunRequested::Accepted) => Ok(action),
        Ok(RunRequested::UnderWay) => {
            finish(desk, action, ActionVerb::Reconcile, ActionResult::Failed, 0).await;
            Err(ActRefusal::UnderWay.into())
        }
        Err(error) => {
            finish(desk, action, ActionVerb::Reconcile, ActionResult::Failed, 0).await;
            Err(error.into())
        }
    }
}

/// Returns the comparison that fields ask for: of the last days where they name no period.
pub(crate) async fn plan(
    desk: &Desk,
    page: &PageRequest,
    fields: &[(String, String)],
) -> Result<ComparisonPlan, PageError> {
    let (budget, livemode) =
        desk.read_budget.zip(desk.context.livemode).ok_or(ActRefusal::NoKey)?;
    let (since, until) = since_until(page, value(fields, "since"), value(fields, "until"))?;
    let last = page.now.after(-ON_THE_WAY);
    let until = until.unwrap_or(last).min(last);
    let since = since.unwrap_or_else(|| until.after(-FIRST_LOOK));
    if since >= until {
        return Err(PageError::BadQuery { key: "since", form: "< until, < now" });
    }
    let window = Window { since, until };
    let estimated = requested_run::estimated_reads(&*desk.store, window, livemode).await?;
    let spent = desk.store.spend(0, desk.clock.now()).await?;
    Ok(ComparisonPlan { window, livemode, estimated, left: budget.saturating_sub(spent) })
}

impl ComparisonPlan {
    fn is_over_budget(&self) -> bool {
        self.estimated > self.left
    }
}

/// The form that asks for the same page about another period.
fn period_form(page: &PageRequest, window: Window) -> Markup {
    let shown = |key: &str, at: UnixSeconds| {
        page.value(key).map_or_else(|| day_in_zone(at, page.zone()), str::to_owned)
    };
    html! {
        form .filter method="get" action="/ops/reports/compare" {
            div {
                label for="since" { (page.pick("From", "開始日")) }
                input #since type="date" name="since" value=(shown("since", window.since));
            }
            div {
                label for="until" { (page.pick("Until and with", "終了日（この日を含む）")) }
                input #until type="date" name="until" value=(shown("until", window.until));
            }
            button type="submit" { (page.pick("Estimate", "見積もる")) }
        }
    }
}

fn cost(page: &PageRequest, plan: &ComparisonPlan) -> String {
    let ComparisonPlan { estimated, left, .. } = plan;
    page.pick(
        format!(
            "About {estimated} reads at Stripe, more where much is missing here. {left} are left of the budget of 30 days."
        ),
        format!(
            "Stripe からの読み取りは約 {estimated} 回です（ここに不足が多いときは増えます）。30 日間の残りは {left} 回です。"
        ),
    )
}
