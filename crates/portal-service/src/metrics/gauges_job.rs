//! The job that reads the gauges of the store, so that no scrape does.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::log_names::LogOutcome;
use portal_domain::monitor::{PAST, silence_limit};
use portal_domain::{Clock, Store, StoreError, UnixSeconds};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::encode::gauge;
use super::store_gauges::{GaugesConfig, StoreGauges, UsualSilence};
use crate::settings::ServiceConfig;

/// The interval at which the usual silence is read: that reads a row for each hour of four weeks.
const USUAL_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Reads the gauges of a store, every so often.
pub struct GaugesJob {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    every: SignedDuration,
    config: GaugesConfig,
    state: Mutex<GaugesState>,
}

#[derive(Default)]
struct GaugesState {
    read_at: Option<UnixSeconds>,
    usual: Option<(UnixSeconds, UsualSilence)>,
    /// Nothing while the store fails: what it said before may be true no more.
    gauges: Option<StoreGauges>,
}

impl GaugesJob {
    /// Reads those of `store`, every so often.
    #[must_use]
    pub fn new(
        config: &ServiceConfig,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        every: SignedDuration,
    ) -> Self {
        let secrets = config.receiver.secrets.iter();
        let stripe = config.stripe.as_ref().filter(|it| it.webhook_url.is_some());
        let config = GaugesConfig {
            read_budget: config.stripe.as_ref().map(|it| it.read_budget),
            endpoint_of: stripe.and(config.context.livemode),
            fingerprints: secrets.map(|it| it.fingerprint().into()).collect(),
        };
        Self { store, clock, every, config, state: Mutex::default() }
    }

    /// Reads them, unless they were read a short while ago.
    pub async fn tick(&self) {
        let now = self.clock.now();
        let recent = |at: UnixSeconds, every: SignedDuration| now.since(at) < every.as_secs();
        let known = {
            let mut state = self.state();
            if state.read_at.is_some_and(|at| recent(at, self.every)) {
                return;
            }
            state.read_at = Some(now);
            state.usual.filter(|(at, _)| recent(*at, USUAL_EVERY))
        };
        match self.read(known, now).await {
            Ok((usual, gauges)) => {
                let mut state = self.state();
                (state.usual, state.gauges) = (Some(usual), Some(gauges));
            }
            Err(error) => {
                self.state().gauges = None;
                // The monitor says what is wrong with the store.
                tracing::debug!(
                    outcome = LogOutcome::JobFailed.name(),
                    reason = error.name(),
                    "the store failed while gauges were read"
                );
            }
        }
    }

    async fn read(
        &self,
        known: Option<(UnixSeconds, UsualSilence)>,
        now: UnixSeconds,
    ) -> Result<((UnixSeconds, UsualSilence), StoreGauges), StoreError> {
        let usual = match known {
            Some(usual) => usual,
            None => {
                let past = self.store.delivery_history(now.after(-PAST)).await?;
                let seconds = silence_limit(&past).map(|_| past.longest_gap_seconds);
                (now, UsualSilence { seconds })
            }
        };
        Ok((usual, StoreGauges::read(&*self.store, &self.config, usual.1, now).await?))
    }

    fn state(&self) -> MutexGuard<'_, GaugesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for GaugesJob {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let state = self.state();
        let up = state.read_at.map(|_| i64::from(state.gauges.is_some()));
        gauge(&mut to, "store_up", "1 if the store answered when the gauges were read last", up)?;
        state.gauges.as_ref().map_or(Ok(()), |it| it.encode(&mut to))
    }
}

impl fmt::Debug for GaugesJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GaugesJob")
    }
}
