//! The signing secrets: their number and their form.

use portal_service::settings::Settings;

use super::finding::{Check, CheckFinding};
use crate::output::counted;

pub(super) fn judge(settings: &impl Settings) -> CheckFinding {
    match settings.secrets() {
        Ok(secrets) => {
            let secrets = counted(secrets.iter().count() as u64, "signing secret");
            CheckFinding::ok(Check::Secrets, format_args!("{secrets} set"))
        }
        Err(error) => CheckFinding::failed(Check::Secrets, &error.into(), "correct it"),
    }
}
