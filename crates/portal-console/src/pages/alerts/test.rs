//! Testing the channels: first a page that says what will be sent, then the act.

use std::sync::Arc;

use jiff::SignedDuration;
use maud::html;
use portal_domain::ports::ActionFilter;
use portal_domain::{ActionResult, ActionScope, ActionVerb, Alert, AlertChange, AlertKey};

use crate::Desk;
use crate::act_refusal::ActRefusal;
use crate::acting::{Fields, act_form, check_role, fields, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The time between two tests: each sends a message to people.
const TEST_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The entries of the trail that are searched for a test of the last minute.
const ENTRIES_MAX: u32 = 20;

pub(crate) async fn confirm_test(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    check_role(&page)?;
    let button = page.pick("Send the test", "テストを送信する");
    Ok(PageContent {
        title: page.pick("Test the channels?", "通知先をテストしますか？").to_owned(),
        body: html! {
            @if desk.channels.is_empty() {
                p .warn { "▲ " (page.pick("No channel is set: nothing can be sent.", "通知先が設定されていないため、何も送信できません。")) }
            } @else {
                p {
                    (page.pick(
                        "One message that says it is a test goes to each of these channels. At PagerDuty it opens an incident, which you resolve there.",
                        "テストであることを示すメッセージを、次の通知先に 1 件ずつ送信します。PagerDuty ではインシデントが作成されるので、そちらで解決してください。",
                    ))
                }
                ul { @for channel in &desk.channels { li .id { (channel) } } }
                (act_form(&page, button, "/ops/alerts", &html! {}))
            }
        },
    })
}

pub(crate) async fn test(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    Ok(format!("/ops/alerts/{}", test_channels(&desk, &page, form).await?))
}

/// Raises the alert of a test, of which the notifiers notify each channel as of any other. Returns its key.
///
/// Of two operators who test within one minute both raise the same alert, so that one message is sent.
pub(crate) async fn test_channels(
    desk: &Desk,
    page: &PageRequest,
    form: Fields,
) -> Result<AlertKey, PageError> {
    fields(page, form)?;
    if desk.channels.is_empty() {
        return Err(ActRefusal::NoChannel.into());
    }
    let now = desk.clock.now();
    let (verb, since) = (Some(ActionVerb::TestChannels), Some(now.after(-TEST_EVERY)));
    let lately = ActionFilter { verb, since, ..ActionFilter::default() };
    let lately = desk.store.actions(&lately, ENTRIES_MAX).await?;
    if lately.iter().any(|it| it.outcome.is_none_or(|it| it.result == ActionResult::Done)) {
        return Err(PageError::TooSoon);
    }
    let alert = Alert::test(now);
    let key = AlertKey::new(&alert.key()).ok_or(PageError::BadForm)?;
    let scope = ActionScope { alert: Some(key.clone()), ..ActionScope::default() };
    let raise = async {
        desk.store.raise(&[AlertChange::Raise(alert)], now).await?;
        Ok((key, ActionResult::Done, desk.channels.len() as u64))
    };
    on_trail(desk, page, ActionVerb::TestChannels, scope, raise).await
}
