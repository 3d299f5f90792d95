//! Acts that look beyond the store: first a page that says what they cost, then the act.

use maud::html;
use portal_domain::{ActionResult, ActionScope, ActionVerb};

use crate::Desk;
use crate::acting::{Fields, act_form, check_role, fields, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// Returns the page before an act: its title, what will happen, the button, and the way `back`.
pub(super) async fn question(
    desk: &Desk,
    page: &PageRequest,
    [title, explained, button]: [&str; 3],
    back: &str,
) -> Result<PageContent, PageError> {
    check_role(page)?;
    let left = desk.reads_left(page.now).await?;
    Ok(PageContent {
        title: title.to_owned(),
        body: html! {
            p { (explained) }
            @if let Some(left) = left {
                p .quiet {
                    (page.pick(
                        format!("Reads left at Stripe in 30 days: {left}."),
                        format!("30 日間に Stripe を読み取れる残りの回数: {left} 回。"),
                    ))
                }
            }
            (act_form(page, button, back, &html! {}))
        },
    })
}

/// Acts with an entry in the trail, and leads back.
pub(super) async fn acted(
    desk: &Desk,
    page: &PageRequest,
    form: Fields,
    verb: ActionVerb,
    back: &str,
    act: impl Future<Output = Result<(ActionResult, u64), PageError>>,
) -> Result<String, PageError> {
    fields(page, form)?;
    let act = async { act.await.map(|(result, count)| ((), result, count)) };
    on_trail(desk, page, verb, ActionScope::default(), act).await?;
    Ok(back.to_owned())
}
