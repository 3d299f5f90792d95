//! The client of Stripe's API, made from the settings.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::text;
use portal_outbound::{DEADLINE, Host, HttpTransport, Pace};
use portal_service::StripeAccess;
use portal_service::settings::{
    InvalidValue, STRIPE_SECRET_KEY, SettingError, Settings, StripeConfig,
};

use crate::chance::SystemChance;
use crate::clock::SystemClock;

/// Returns the access to Stripe over sockets.
pub(crate) fn stripe_access(config: &StripeConfig) -> StripeAccess {
    let host = Host {
        clock: Arc::new(SystemClock::new()),
        chance: Arc::new(SystemChance),
        pace: Arc::new(ThreadSleep),
    };
    config.access(Arc::new(HttpTransport::new(DEADLINE)), host)
}

/// Returns the access to Stripe, or an error that asks for the key.
pub(crate) fn needed_access(settings: &impl Settings) -> Result<StripeAccess, SettingError> {
    StripeConfig::read(settings)?.as_ref().map(stripe_access).ok_or_else(|| {
        let make = text!(
            "make a restricted key with read permissions in Stripe's Dashboard (the runbook lists them)",
            "Stripe のダッシュボードで、読み取り権限だけの制限付きキーを作成してください（権限は運用手順書にあります）"
        );
        STRIPE_SECRET_KEY.refuse(InvalidValue::not_set().advise(make))
    })
}

/// It blocks the thread that waits.
struct ThreadSleep;

#[async_trait::async_trait]
impl Pace for ThreadSleep {
    async fn pause(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
