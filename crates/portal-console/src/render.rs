//! A page, or the page of its error, in the frame of all pages.

use maud::html;

use crate::Desk;
use crate::access_error::AccessError;
use crate::layout::{self, PageContent};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::reply::PageReply;
use crate::sign_in_form::sign_in_form;

/// Returns the page, or the page of the error.
pub(crate) fn reply(
    desk: &Desk,
    page: &PageRequest,
    content: Result<PageContent, PageError>,
) -> PageReply {
    match content {
        Ok(content) => PageReply::Page(layout::page(desk, page, content)),
        Err(error) => {
            let page = if error.is_of_address() { &page.without_address() } else { page };
            let content = error_content(page, &error);
            PageReply::ErrorPage(layout::page(desk, page, content), error)
        }
    }
}

fn error_content(page: &PageRequest, error: &PageError) -> PageContent {
    let [title, advice] = error.texts();
    let read = |text| page.locale.language.choose(text);
    let sign_in = matches!(
        error,
        PageError::Access(
            AccessError::SignedOut | AccessError::WrongToken | AccessError::MetricsOnly
        )
    );
    PageContent {
        title: read(&title).to_owned(),
        body: html! {
            p { (read(&advice)) }
            @if sign_in { (sign_in_form(page)) }
        },
    }
}
