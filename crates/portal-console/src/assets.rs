//! The answers with the style sheet, the script and the icon.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};

use crate::Desk;
use crate::asset_files::{ICON, SCRIPT, STYLE, names};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;

pub(crate) async fn get(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    let names = names();
    if name == names.style {
        PageReply::Asset { content_type: "text/css; charset=utf-8", text: STYLE }
    } else if name == names.script {
        PageReply::Asset { content_type: "text/javascript; charset=utf-8", text: SCRIPT }
    } else if name == names.icon {
        PageReply::Asset { content_type: "image/svg+xml", text: ICON }
    } else {
        reply(&desk, &page, Err(PageError::NotFound))
    }
}
