//! The deliveries: how long they were on their way, how soon they were answered, and their gaps.

mod answers;
mod delays;
mod silence;

use std::sync::Arc;

use maud::html;
use portal_domain::monitor::PAST;
use portal_domain::{EventFilter, Origin};

use self::answers::answers;
use self::delays::delays;
use self::silence::silence;
use crate::Desk;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The number of latest events that are searched for a delivered one: hours that are rolled up say the
/// rest.
const EVENTS_SEARCHED: u32 = 50;

pub(crate) async fn deliveries(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let hours = desk.store.delivery_hours(&[[page.now.after(-PAST), page.now]]).await?;
    let latest = desk.store.events(&EventFilter::latest(EVENTS_SEARCHED)).await?;
    let latest = latest.iter().find(|it| it.origin == Origin::Delivered).map(|it| it.received_at);
    Ok(PageContent {
        title: page.pick("Deliveries", "配信").to_owned(),
        body: html! {
            @if hours.is_empty() {
                p {
                    (page.pick(
                        "No full hour has passed in which an event came; from then on delays and silence are shown here.",
                        "イベントを受信した 1 時間がまだ過ぎていません。過ぎると、遅延と途絶をここに表示します。",
                    ))
                }
            } @else {
                (delays(page, &hours))
                (silence(page, &hours, latest))
            }
            (answers(page, desk.answer_times.as_deref()))
        },
    })
}
