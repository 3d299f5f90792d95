//! The metrics of what the intake counts anyway: the times of answers, and the secrets that matched.

use std::fmt;
use std::sync::Arc;

use portal_domain::AnswerOutcome;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use super::encode::seconds;
use crate::answer_times::ANSWER_BOUNDS_MICROS;
use crate::troubles::Troubles;

/// The names of the secrets: their places, and nothing of their text.
pub(super) const PLACES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// Reads what one process has counted.
pub(super) struct IntakeCollector(pub(super) Arc<Troubles>);

impl Collector for IntakeCollector {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time from the head of a delivery to its answer";
        let kind = MetricType::Histogram;
        let mut family = to.encode_descriptor("delivery_duration_seconds", help, None, kind)?;
        let times = self.0.answer_times();
        for outcome in AnswerOutcome::ALL {
            let (counts, micros) = times.of(*outcome);
            let bounds = ANSWER_BOUNDS_MICROS.map(seconds).into_iter().chain([f64::INFINITY]);
            let buckets: Vec<_> = bounds.zip(counts).collect();
            let labels = [("outcome", outcome.name())];
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                seconds(micros),
                counts.iter().sum(),
                &buckets,
                None,
            )?;
        }
        let help = "Accepted deliveries that a signing secret has signed, by its place";
        let kind = MetricType::Counter;
        let mut family = to.encode_descriptor("signature_matches", help, None, kind)?;
        for (place, count) in PLACES.iter().zip(self.0.signature_matches()) {
            ConstCounter::new(count).encode(family.encode_family(&[("secret", *place)])?)?;
        }
        Ok(())
    }
}

impl fmt::Debug for IntakeCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IntakeCollector")
    }
}
