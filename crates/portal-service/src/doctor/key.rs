//! The key for Stripe's API: its mode and its permissions.

use portal_domain::stripe::PERMISSIONS;
use portal_domain::{Text, text};
use portal_outbound::ApiKey;

use super::finding::{Check, CheckFinding};
use crate::settings::{STRIPE_SECRET_KEY, Settings};

/// Returns the finding about the key.
pub(super) fn check(settings: &impl Settings) -> CheckFinding {
    match settings.optional(STRIPE_SECRET_KEY, ApiKey::parse) {
        Ok(key) => judge(key.as_ref()),
        Err(error) => CheckFinding::of_setting(Check::Key, error),
    }
}

fn judge(key: Option<&ApiKey>) -> CheckFinding {
    let Some(key) = key else {
        let permissions = PERMISSIONS.join(", ");
        return CheckFinding::warning(
            Check::Key,
            text!(
                "STRIPE_SECRET_KEY is not set: nothing is compared with Stripe, thin events wait, and provisional donations stay provisional",
                "STRIPE_SECRET_KEY が設定されていないため、Stripe との照合を行わず、シンイベントは待ち続け、未確定の寄付は未確定のままです"
            ),
            text!(
                "make a restricted key in Stripe's Dashboard (API keys) with read permission for {permissions}; set it as STRIPE_SECRET_KEY",
                "Stripe のダッシュボード（API キー）で {permissions} の読み取り権限を持つ制限付きキーを作成し、STRIPE_SECRET_KEY に設定してください"
            ),
        );
    };
    let Text { en, ja } = if key.livemode() {
        text!("live mode", "本番環境")
    } else {
        text!("test mode", "テスト環境")
    };
    let masked = key.masked();
    if key.is_restricted() {
        let found = text!("{masked}, a restricted key for {en}", "{masked}（{ja}の制限付きキー）");
        return CheckFinding::ok(Check::Key, found);
    }
    CheckFinding::warning(
        Check::Key,
        text!(
            "{masked}, a key for {en} with all permissions",
            "{masked}（{ja}の、すべての権限を持つキー）"
        ),
        text!(
            "make a restricted key in Stripe's Dashboard (API keys) with read permissions only, and set it as STRIPE_SECRET_KEY instead",
            "Stripe のダッシュボード（API キー）で読み取りだけを許した制限付きキーを作成し、代わりに STRIPE_SECRET_KEY に設定してください"
        ),
    )
}

#[cfg(test)]
mod tests {
    use portal_domain::stripe::PERMISSIONS;
    use portal_outbound::ApiKey;

    use super::super::finding::Level;
    use super::judge;

    fn judged(key: &str) -> (Level, Box<str>) {
        let found = judge(ApiKey::parse(key).ok().as_ref());
        assert!(!format!("{found:?}").contains(key));
        (found.level, found.found.en)
    }

    #[test]
    fn a_restricted_key_is_as_it_should_be() {
        let (level, found) = judged("rk_live_0123456789");
        assert_eq!((level, &*found), (Level::Ok, "rk_live_…6789, a restricted key for live mode"));
        assert!(judged("rk_test_0123456789").1.ends_with("test mode"));
    }

    #[test]
    fn a_key_with_all_permissions_is_a_warning() {
        assert_eq!(judged("sk_live_0123456789").0, Level::Warning);
    }

    #[test]
    fn without_a_key_the_finding_names_what_is_not_done() {
        let found = judge(None);
        assert_eq!(found.level, Level::Warning);
        assert!(found.found.en.contains("thin events wait"));
        let advice = found.advice.unwrap().en;
        assert!(PERMISSIONS.iter().all(|it| advice.contains(it)), "{advice}");
    }
}
