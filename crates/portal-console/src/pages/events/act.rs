//! Reprocessing, ignoring and acknowledging events: first a page that says what will happen, then the act.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::reprocess::reprocess_read;
use portal_domain::{
    Acknowledgement, ActionResult, ActionVerb, OperatorAction, Selection, State, StoreError,
};

use super::selection::{KEYS, selection};
use crate::Desk;
use crate::act_refusal::ActRefusal;
use crate::acting::{Fields, act_form, actor, check_role, fields, number, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};

/// An act on events.
#[derive(Clone, Copy)]
pub(crate) enum EventAct {
    Reprocess,
    Ignore,
    Acknowledge,
}

/// The most events that one form acts on, because its sender waits.
const EVENTS_MAX: u64 = 1000;

/// The number up to which events are counted: more than one form acts on.
const COUNTED_MAX: u32 = 100_000;

pub(crate) async fn confirm_reprocess(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    confirmation(&desk, &page, EventAct::Reprocess).await
}

pub(crate) async fn confirm_ignore(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    confirmation(&desk, &page, EventAct::Ignore).await
}

pub(crate) async fn confirm_acknowledge(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    confirmation(&desk, &page, EventAct::Acknowledge).await
}

pub(crate) async fn acknowledge(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    act(&desk, &page, EventAct::Acknowledge, form).await
}

pub(crate) async fn reprocess(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    act(&desk, &page, EventAct::Reprocess, form).await
}

pub(crate) async fn ignore(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    act(&desk, &page, EventAct::Ignore, form).await
}

/// Says what will happen, to how many, and what does not happen.
async fn confirmation(
    desk: &Desk,
    page: &PageRequest,
    action: EventAct,
) -> Result<PageContent, PageError> {
    check_role(page)?;
    let which = narrow(page, &page.query)?;
    let count = action.count(desk, &which).await?;
    let (title, explained, button) = texts(page, action, count);
    let selected = page.query.iter().filter(|(key, _)| KEYS.contains(&&**key));
    Ok(PageContent {
        title,
        body: html! {
            p { (explained) }
            @if count > EVENTS_MAX {
                p .warn { (page.pick("▲ At most 1,000 can be done at once: use the command line.", "▲ 一度に処理できるのは 1,000 件までです。コマンドを使ってください。")) }
            } @else if count > 0 {
                (act_form(page, button, "/ops/events", &html! {
                    @for (key, value) in selected { input type="hidden" name=(key) value=(value); }
                    input type="hidden" name="expect" value=(count);
                }))
            } @else {
                p { a href="/ops/events" { (page.pick("Back to the events", "イベントへ戻る")) } }
            }
            (ids(&which))
        },
    })
}

fn texts(page: &PageRequest, action: EventAct, count: u64) -> (String, String, &'static str) {
    match action {
        EventAct::Reprocess => (
            page.pick(format!("Reprocess {count} events?"), format!("{count} 件を再試行しますか？")),
            page.pick(
                "Their changes to the ledger are decided again from the facts that are kept. Nothing is asked at Stripe. Doing it twice is harmless.",
                "保存している内容から、台帳への変更をもう一度判断します。Stripe への問い合わせはしません。二度行っても問題ありません。",
            ).to_owned(),
            page.pick("Reprocess", "再試行する"),
        ),
        EventAct::Acknowledge => (
            page.pick(format!("Acknowledge {count} dead events?"), format!("処理できなかったイベント {count} 件を確認済みにしますか？")),
            page.pick(
                "They stay dead and have no effect on the ledger, but you are no longer reminded of them. Another event that dies is notified as before.",
                "台帳に反映されないままですが、繰り返しの通知は止まります。ほかのイベントが処理できなかったときは、これまでどおり通知します。",
            ).to_owned(),
            page.pick("Acknowledge", "確認済みにする"),
        ),
        EventAct::Ignore => (
            page.pick(format!("Ignore {count} events?"), format!("{count} 件を対象外にしますか？")),
            page.pick(
                "They will have no effect on the ledger. Reprocessing takes it back.",
                "台帳には何も反映されなくなります。再試行すると元に戻せます。",
            ).to_owned(),
            page.pick("Ignore", "対象外にする"),
        ),
    }
}

fn ids(which: &Selection) -> Markup {
    html! {
        @if !which.ids.is_empty() {
            ul { @for id in &which.ids { li .id { (id) } } }
        }
    }
}

/// Acts on the selection of a form, and returns the address to go on to.
async fn act(
    desk: &Desk,
    page: &PageRequest,
    action: EventAct,
    form: Fields,
) -> Result<String, PageError> {
    let (count, left) = act_on_events(desk, page, action, form).await?;
    let (count, left) = (count.to_string(), left.to_string());
    let done = action.verb().name();
    Ok(address("/ops/events", [("done", done), ("n", &count), ("left", &left)]))
}

impl EventAct {
    fn verb(self) -> ActionVerb {
        match self {
            Self::Reprocess => ActionVerb::Reprocess,
            Self::Ignore => ActionVerb::Ignore,
            Self::Acknowledge => ActionVerb::Acknowledge,
        }
    }

    /// Returns the number of selected events that it can be done to.
    async fn count(self, desk: &Desk, which: &Selection) -> Result<u64, StoreError> {
        match self {
            Self::Reprocess => desk.store.count_for(OperatorAction::Reprocess, which).await,
            Self::Ignore => desk.store.count_for(OperatorAction::Ignore, which).await,
            Self::Acknowledge => match which.to_acknowledge() {
                Some(which) => desk.store.count_events(&which, COUNTED_MAX).await,
                None => Ok(0),
            },
        }
    }

    /// Does it where as many events are selected as the visitor has seen; returns the number, and that of
    /// the events that are still dead.
    async fn apply(
        self,
        desk: &Desk,
        page: &PageRequest,
        which: &Selection,
        expected: u64,
    ) -> Result<(u64, u64), PageError> {
        let at = desk.clock.now();
        let seen = Selection { expected: Some(expected), ..which.clone() };
        let count = match self {
            Self::Reprocess => return reprocess_seen(desk, which, expected).await,
            Self::Ignore => desk.store.ignore(&seen, at).await?,
            Self::Acknowledge => {
                let acknowledgement = Acknowledgement { at, by: actor(page)? };
                desk.store.acknowledge_events(&seen, &acknowledgement).await?
            }
        };
        if count == expected { Ok((count, 0)) } else { differs(expected, count) }
    }
}

/// Acts on the selection of a form; returns the numbers of events that it was done to, and of those
/// that are still dead.
pub(crate) async fn act_on_events(
    desk: &Desk,
    page: &PageRequest,
    action: EventAct,
    form: Fields,
) -> Result<(u64, u64), PageError> {
    let fields = fields(page, form)?;
    let (which, expected) = (narrow(page, &fields)?, number(&fields, "expect")?);
    if expected > EVENTS_MAX {
        return Err(ActRefusal::TooManyEvents.into());
    }
    let scope = which.scope();
    let act = async {
        let (count, left) = action.apply(desk, page, &which, expected).await?;
        let result = if left > 0 { ActionResult::FoundWrong } else { ActionResult::Done };
        Ok(((count, left), result, count))
    };
    on_trail(desk, page, action.verb(), scope, act).await
}

/// Returns the number of events that the selection of a form would act on now.
pub(crate) async fn count_for_act(
    desk: &Desk,
    page: &PageRequest,
    action: EventAct,
    form: Fields,
) -> Result<u64, PageError> {
    Ok(action.count(desk, &narrow(page, &fields(page, form)?)?).await?)
}

fn differs<T>(expected: u64, found: u64) -> Result<T, PageError> {
    Err(PageError::CountDiffers { expected, found })
}

/// Reprocesses the selected events if they are as many as the visitor has seen; returns the numbers of
/// those that were, and of those that are still dead.
///
/// The list that is counted is the one that is reprocessed, so that nothing is done where the numbers
/// differ. An event that somebody else changes in between is skipped, and not in the number that is
/// answered: it was decided anew by them, and doing that twice would be harmless.
async fn reprocess_seen(
    desk: &Desk,
    which: &Selection,
    expected: u64,
) -> Result<(u64, u64), PageError> {
    let limit = u32::try_from(expected).unwrap_or(u32::MAX).saturating_add(1);
    let action = OperatorAction::Reprocess;
    let events = desk.store.events_for(action, which, None, limit).await?;
    if events.len() as u64 != expected {
        return differs(expected, desk.store.count_for(action, which).await?);
    }
    let outcomes = reprocess_read(&*desk.store, events, desk.clock.now()).await;
    let (mut count, mut left) = (0, 0);
    for outcome in outcomes {
        count += 1;
        left += u64::from(matches!(outcome?.state, State::Dead(_)));
    }
    Ok((count, left))
}

/// Reads the selection of an act. One that selects everything is none.
fn narrow(page: &PageRequest, fields: &[(String, String)]) -> Result<Selection, PageError> {
    let which = selection(page, fields)?;
    if which == Selection::default() { Err(PageError::NothingSelected) } else { Ok(which) }
}
