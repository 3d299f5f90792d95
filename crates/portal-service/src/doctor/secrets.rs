//! The signing secrets: their number and their form.

use portal_domain::money::counted;
use portal_domain::text;

use super::finding::{Check, CheckFinding};
use crate::settings::Settings;

pub(super) fn judge(settings: &impl Settings) -> CheckFinding {
    match settings.secrets() {
        Ok(secrets) => {
            let count = secrets.iter().count();
            let en = counted(count as u64, "signing secret");
            let found = text!("{en} set", "署名シークレット {count} 個を設定済みです");
            CheckFinding::ok(Check::Secrets, found)
        }
        Err(error) => CheckFinding::of_setting(Check::Secrets, error),
    }
}
