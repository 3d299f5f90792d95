//! Acknowledging and silencing an alert: first a page that says what will happen, then the act.

use std::sync::Arc;

use jiff::SignedDuration;
use maud::{Markup, html};
use portal_domain::ids::AlertKey;
use portal_domain::ports::NewSilence;
use portal_domain::{Acknowledgement, ActionResult, ActionScope, ActionVerb, UnixSeconds, Written};

use crate::Desk;
use crate::act_refusal::ActRefusal;
use crate::acting::{Fields, act_form, actor, check_role, fields, number, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The silences to choose from, in hours.
const HOURS: [u64; 4] = [1, 4, 24, 7 * 24];

/// An act on an alert.
#[derive(Clone, Copy)]
pub(crate) enum AlertAct {
    Acknowledge,
    Silence,
    Unsilence,
}

/// The write of an act.
enum AlertWrite {
    Acknowledge(Acknowledgement),
    Silence(NewSilence),
    Unsilence,
}

pub(crate) async fn confirm_acknowledge(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
) -> Result<PageContent, PageError> {
    let explained = page.pick(
        "It is no longer repeated. Another cause of it, its end, and its return are notified as before.",
        "繰り返しの通知を止めます。原因が変わったとき、解消したとき、再び発生したときは、これまでどおり通知します。",
    );
    let title = page.pick("Acknowledge the alert?", "アラートを確認済みにしますか？");
    let button = page.pick("Acknowledge", "確認済みにする");
    question(&desk, &page, &key, [title, explained, button], &html! {}).await
}

pub(crate) async fn acknowledge(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<String, PageError> {
    act_on_alert(&desk, &page, AlertAct::Acknowledge, &key, form).await?;
    Ok(format!("/ops/alerts/{key}"))
}

pub(crate) async fn confirm_silence(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
) -> Result<PageContent, PageError> {
    let explained = page.pick(
        "Until then no channel is notified of it, but of its end. It stays open here.",
        "その間は、解消したとき以外は通知しません。ここでは未解決のまま表示します。",
    );
    let title = page.pick("Silence the alert?", "アラートの通知を止めますか？");
    let button = page.pick("Silence", "通知を止める");
    let choices = html! {
        p {
            label for="hours" { (page.pick("For how long", "止める時間")) }
            select #hours name="hours" {
                @for hours in HOURS {
                    option value=(hours) { (page.pick(format!("{hours} h"), format!("{hours} 時間"))) }
                }
            }
        }
    };
    question(&desk, &page, &key, [title, explained, button], &choices).await
}

pub(crate) async fn silence(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<String, PageError> {
    act_on_alert(&desk, &page, AlertAct::Silence, &key, form).await?;
    Ok(format!("/ops/alerts/{key}"))
}

pub(crate) async fn unsilence(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<String, PageError> {
    act_on_alert(&desk, &page, AlertAct::Unsilence, &key, form).await?;
    Ok(format!("/ops/alerts/{key}"))
}

/// Acts on an alert, with an entry in the trail; returns 1, or 0 where there was nothing to do any more.
pub(crate) async fn act_on_alert(
    desk: &Desk,
    page: &PageRequest,
    act: AlertAct,
    key: &str,
    form: Fields,
) -> Result<u64, PageError> {
    let fields = fields(page, form)?;
    let (key, by, at) = (known(desk, key).await?, actor(page)?, desk.clock.now());
    let change = match act {
        AlertAct::Acknowledge => AlertWrite::Acknowledge(Acknowledgement { at, by: by.clone() }),
        AlertAct::Silence => AlertWrite::Silence(new_silence(&key, number(&fields, "hours")?, at)?),
        AlertAct::Unsilence => AlertWrite::Unsilence,
    };
    let scope = ActionScope { alert: Some(key.clone()), ..ActionScope::default() };
    let write = async {
        let written = match change {
            AlertWrite::Acknowledge(seen) => desk.store.acknowledge(&key, &seen).await?,
            AlertWrite::Silence(silence) => desk.store.silence(&silence, &by).await?,
            AlertWrite::Unsilence => desk.store.unsilence(&key).await?,
        };
        let count = u64::from(written == Written::Applied);
        Ok((count, ActionResult::Done, count))
    };
    on_trail(desk, page, act.verb(), scope, write).await
}

impl AlertAct {
    fn verb(self) -> ActionVerb {
        match self {
            Self::Acknowledge => ActionVerb::Acknowledge,
            Self::Silence => ActionVerb::Silence,
            Self::Unsilence => ActionVerb::Unsilence,
        }
    }
}

fn new_silence(key: &AlertKey, hours: u64, now: UnixSeconds) -> Result<NewSilence, PageError> {
    let hours = i64::try_from(hours).map_err(|_| PageError::BadForm)?;
    let until = now.after(SignedDuration::from_hours(hours.min(10_000)));
    NewSilence::new(key.clone(), until, now).map_err(|_| ActRefusal::CannotSilence.into())
}

/// Returns the key of an alert that is there.
async fn known(desk: &Desk, key: &str) -> Result<AlertKey, PageError> {
    let key = AlertKey::new(key).ok_or(PageError::NoSuchId)?;
    desk.store.alert(&key).await?.ok_or(PageError::NoSuchId)?;
    Ok(key)
}

/// The page before an act: its title, what will happen, and the button.
async fn question(
    desk: &Desk,
    page: &PageRequest,
    key: &str,
    [title, explained, button]: [&str; 3],
    choices: &Markup,
) -> Result<PageContent, PageError> {
    check_role(page)?;
    let key = known(desk, key).await?;
    Ok(PageContent {
        title: title.to_owned(),
        body: html! {
            p .id { (key) }
            p { (explained) }
            (act_form(page, button, &format!("/ops/alerts/{key}"), choices))
        },
    })
}
