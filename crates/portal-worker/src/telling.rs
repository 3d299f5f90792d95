//! The tellers: one for each channel.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_domain::alert::COOL_DOWN;
use portal_domain::tell::{Telling, tell_due};
use portal_domain::{Action, Alert, NotTold, Notice, Notify, Store, UnixSeconds};
use portal_http::{Clock, log_told};

use crate::chance;

/// Tells one channel.
pub(crate) struct Teller {
    channel: Arc<dyn Notify>,
    clock: Arc<dyn Clock>,
    /// When the channel was told, without a store, of the alert of each key.
    told_directly: Mutex<BTreeMap<String, UnixSeconds>>,
}

impl Teller {
    /// Tells `channel`.
    pub(crate) fn new(channel: Arc<dyn Notify>, clock: Arc<dyn Clock>) -> Self {
        Self { channel, clock, told_directly: Mutex::default() }
    }

    /// Tells what is due.
    pub(crate) async fn tell_due(&self, store: &dyn Store) {
        let now = || self.clock.now();
        match tell_due(store, self, &now, chance::number()).await {
            Ok(tellings) => tellings.iter().for_each(|it| log_told(self.channel(), it)),
            Err(error) => tracing::warn!(outcome = "not_told", reason = error.name()),
        }
    }

    /// Tells what no store has taken, once per cool-down as far as this isolate knows.
    pub(crate) async fn tell_directly(&self, alert: &Alert) {
        let (key, since) = (alert.key(), self.clock.now());
        if !self.channel.takes(alert) || self.knows(&key) {
            return;
        }
        let (action, alert) = (Action::Trigger, alert.clone());
        let notice = Notice { key: key.clone(), action, alert, count: 1, since };
        let told = self.channel.notify(&notice).await;
        if told.is_ok() {
            let mut all = self.told_directly.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(key, since);
        }
        log_told(self.channel(), &Telling { notice, told });
    }

    /// Whether the channel was told directly, and the cool-down is not over.
    fn knows(&self, key: &str) -> bool {
        let all = self.told_directly.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        all.get(key).is_some_and(|at| now.since(*at) < COOL_DOWN.as_secs())
    }
}

/// The channel, but what it was told directly is not told again by way of the store.
#[async_trait]
impl Notify for Teller {
    fn channel(&self) -> &str {
        self.channel.channel()
    }

    fn takes(&self, alert: &Alert) -> bool {
        self.channel.takes(alert)
    }

    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        if notice.action == Action::Trigger && self.knows(&notice.key) {
            return Ok(());
        }
        self.channel.notify(notice).await
    }
}
