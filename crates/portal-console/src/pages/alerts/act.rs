//! Acknowledging and silencing an alert: first a page that says what will happen, then the act.

use std::sync::Arc;

use jiff::SignedDuration;
use maud::{Markup, html};
use portal_domain::ids::AlertKey;
use portal_domain::ports::NewSilence;
use portal_domain::{Acknowledgement, ActionResult, ActionScope, ActionVerb, Written};

use crate::Desk;
use crate::acting::{Fields, actor, check_role, fields, number, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The silences to choose from, in hours.
const HOURS: [u64; 4] = [1, 4, 24, 7 * 24];

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
    let seen = Acknowledgement { at: desk.clock.now(), by: actor(&page)? };
    fields(&page, form)?;
    let key = known(&desk, &key).await?;
    let written = desk.store.acknowledge(&key, &seen);
    changed(&desk, &page, ActionVerb::Acknowledge, &key, written).await
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
    let hours = number(&fields(&page, form)?, "hours")?;
    let key = known(&desk, &key).await?;
    let hours = i64::try_from(hours).map_err(|_| PageError::BadForm)?;
    let now = desk.clock.now();
    let until = now.after(SignedDuration::from_hours(hours.min(10_000)));
    let silence = NewSilence::new(key.clone(), until, now);
    let silence = silence.map_err(PageError::CannotSilence)?;
    let who = actor(&page)?;
    let written = desk.store.silence(&silence, &who);
    changed(&desk, &page, ActionVerb::Silence, &key, written).await
}

pub(crate) async fn unsilence(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
    form: Fields,
) -> Result<String, PageError> {
    fields(&page, form)?;
    let key = known(&desk, &key).await?;
    let written = desk.store.unsilence(&key);
    changed(&desk, &page, ActionVerb::Unsilence, &key, written).await
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
            form method="post" action=(page.path) {
                (choices)
                button .main type="submit" { (button) }
                " "
                a href={ "/ops/alerts/" (key) } { (page.pick("Cancel", "やめる")) }
            }
        },
    })
}

/// Changes an alert, with an entry in the trail; returns the address of its page.
async fn changed(
    desk: &Desk,
    page: &PageRequest,
    verb: ActionVerb,
    key: &AlertKey,
    written: impl Future<Output = Result<Written, portal_domain::StoreError>>,
) -> Result<String, PageError> {
    let scope = ActionScope { alert: Some(key.clone()), ..ActionScope::default() };
    let act = async {
        let count = u64::from(written.await? == Written::Applied);
        Ok(((), ActionResult::Done, count))
    };
    on_trail(desk, page, verb, scope, act).await?;
    Ok(format!("/ops/alerts/{key}"))
}
