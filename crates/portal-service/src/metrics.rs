//! The metrics of a process, in Prometheus' text format.
//!
//! Each label is a word of a closed list of ours, or a configured channel; there is nothing in it that
//! came from outside. Amounts of money belong to the console.

mod counted;
mod counts;
mod encode;
mod gauges_job;
mod host_readings;
mod intake;
mod store_gauges;

use std::sync::Arc;

use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use counted::CountedChannel;
pub(crate) use counted::CountedStripe;
pub use counts::Counts;
pub use gauges_job::GaugesJob;
pub use host_readings::{HostReadings, ProcessReadings};
pub use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

use crate::troubles::Troubles;
use host_readings::Readings;
use intake::IntakeCollector;

/// The prefix of all names but those of `process_*`, which every client has.
const PREFIX: &str = "donation_portal";

/// The metrics of a process.
pub struct Metrics {
    registry: Registry,
    gauges: Arc<GaugesJob>,
    counts: Arc<Counts>,
    /// The gauges are read for a scrape, because nothing reads them in between.
    on_demand: bool,
}

impl Metrics {
    /// The metrics of a process that has a store of that kind: its gauges, which whoever asks reads
    /// where they are old. For a host whose memory does not last.
    #[must_use]
    pub fn of_store(version: &'static str, store: &'static str, gauges: Arc<GaugesJob>) -> Self {
        let mut registry = Registry::default();
        let ours = registry.sub_registry_with_prefix(PREFIX);
        // The name gets `_info`.
        ours.register("build", "The program", Info::new([("version", version), ("store", store)]));
        ours.register_collector(Box::new(Arc::clone(&gauges)));
        Self { registry, gauges, counts: Arc::default(), on_demand: true }
    }

    /// The same, with what a process that lasts counts and what its host sees; a job reads the gauges.
    #[must_use]
    pub fn with_process(
        mut self,
        troubles: &Arc<Troubles>,
        host: impl Fn() -> HostReadings + Send + Sync + 'static,
        process: impl Fn() -> ProcessReadings + Send + Sync + 'static,
    ) -> Self {
        (self.on_demand, self.counts) = (false, troubles.counts());
        let ours = self.registry.sub_registry_with_prefix(PREFIX);
        self.counts.register(ours);
        ours.register_collector(Box::new(IntakeCollector(Arc::clone(troubles))));
        ours.register_collector(Box::new(Readings::new(host)));
        self.registry.register_collector(Box::new(Readings::new(process)));
        self
    }

    /// Returns the counts, for those who count; on a host whose memory does not last nobody reads them.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Returns all of them as text.
    pub async fn text(&self) -> String {
        if self.on_demand {
            self.gauges.tick().await;
        }
        let mut text = String::new();
        // A String takes everything.
        encode(&mut text, &self.registry).ok();
        text
    }
}

#[cfg(test)]
mod tests;
