//! Looking at the endpoint at Stripe now.

use std::sync::Arc;

use portal_domain::{ActionResult, ActionVerb};
use portal_service::doctor::{Level, of_endpoints};

use crate::Desk;
use crate::acting::Fields;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::pages::inspecting::{acted, question};

/// The path of the page.
const HERE: &str = "/ops/endpoint";

pub(crate) async fn confirm_look(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let explained = page.pick(
        "It makes one read at Stripe, at most once a minute, and raises or ends the alerts on the endpoint. Nothing is changed at Stripe.",
        "Stripe を 1 回読み取り（1 分に 1 回まで）、エンドポイントのアラートを発生または解消させます。Stripe の設定は変更しません。",
    );
    let title = page.pick("Look at the endpoint now?", "エンドポイントを今すぐ確認しますか？");
    question(&desk, &page, [title, explained, page.pick("Look now", "確認する")], HERE).await
}

pub(crate) async fn look(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    let look = async {
        let check = desk.host.inspect.check_endpoint(Arc::clone(&desk.store)).await?;
        let check = check.ok_or(PageError::TooSoon)?;
        let is_well = of_endpoints(&check.endpoints).iter().all(|it| it.level == Level::Ok);
        let result = match check.failed {
            Some(_) => ActionResult::Failed,
            None if is_well => ActionResult::Done,
            None => ActionResult::FoundWrong,
        };
        Ok((result, check.endpoints.len() as u64))
    };
    acted(&desk, &page, form, ActionVerb::LookAtEndpoint, HERE, look).await
}
