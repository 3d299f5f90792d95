//! The style sheet and the script. Their names change with them, so that browsers keep them.

use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::extract::{Path, State};
use sha2::{Digest as _, Sha256};

use crate::Desk;
use crate::page_request::PageRequest;
use crate::reply::{PageError, Reply};

const STYLE: &str = include_str!("assets/console.css");
const SCRIPT: &str = include_str!("assets/console.js");

pub(crate) async fn get(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Extension(page): Extension<PageRequest>,
) -> Reply {
    let names = names();
    if name == names.style {
        Reply::Asset { content_type: "text/css; charset=utf-8", text: STYLE }
    } else if name == names.script {
        Reply::Asset { content_type: "text/javascript; charset=utf-8", text: SCRIPT }
    } else {
        page.reply(&desk, Err(PageError::NotFound))
    }
}

/// The names of both below `/ops/assets/`.
pub(crate) struct AssetNames {
    pub(crate) style: String,
    pub(crate) script: String,
}

pub(crate) fn names() -> &'static AssetNames {
    static NAMES: OnceLock<AssetNames> = OnceLock::new();
    NAMES.get_or_init(|| {
        let hash = |text: &str| hex::encode(&Sha256::digest(text)[..6]);
        AssetNames {
            style: format!("console-{}.css", hash(STYLE)),
            script: format!("console-{}.js", hash(SCRIPT)),
        }
    })
}
