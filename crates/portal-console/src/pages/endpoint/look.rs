//! Looking at the endpoint at Stripe now: first a page that says what it costs, then the act.

use std::sync::Arc;

use maud::html;
use portal_domain::{ActionResult, ActionScope, ActionVerb};
use portal_service::doctor::{Level, of_endpoints};

use crate::Desk;
use crate::acting::{Fields, check_role, fields, on_trail};
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::pages::doctor::left_of_budget;

pub(crate) async fn confirm_look(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let page = &page;
    check_role(page)?;
    let left = desk.reads_left(page.now).await?;
    Ok(PageContent {
        title: page
            .pick("Look at the endpoint now?", "エンドポイントを今すぐ確認しますか？")
            .to_owned(),
        body: html! {
            p {
                (page.pick(
                    "It makes one read at Stripe, at most once a minute, and raises or ends the alerts on the endpoint. Nothing is changed at Stripe.",
                    "Stripe を 1 回読み取り（1 分に 1 回まで）、エンドポイントのアラートを発生または解消させます。Stripe の設定は変更しません。",
                ))
            }
            (left_of_budget(page, left))
            form method="post" action="/ops/endpoint/look" {
                button .main type="submit" { (page.pick("Look now", "確認する")) }
                " "
                a href="/ops/endpoint" { (page.pick("Cancel", "やめる")) }
            }
        },
    })
}

pub(crate) async fn look(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    fields(&page, form)?;
    let act = async {
        let check = desk.host.inspect.check_endpoint(Arc::clone(&desk.store)).await?;
        let check = check.ok_or(PageError::TooSoon)?;
        let findings = of_endpoints(&check.endpoints);
        let result = if check.failed.is_some() {
            ActionResult::Failed
        } else if findings.iter().any(|it| it.level != Level::Ok) {
            ActionResult::FoundWrong
        } else {
            ActionResult::Done
        };
        Ok(((), result, check.endpoints.len() as u64))
    };
    on_trail(&desk, &page, ActionVerb::LookAtEndpoint, ActionScope::default(), act).await?;
    Ok("/ops/endpoint".to_owned())
}
