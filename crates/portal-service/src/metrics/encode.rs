//! Metrics that are read when they are asked for, written to Prometheus' encoder.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// The labels of a series, and its value.
pub(super) type Labelled<'a, V> = (&'a [(&'a str, &'a str)], V);

/// Writes a gauge without labels, if its value is known.
pub(super) fn gauge(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: Option<i64>,
) -> fmt::Result {
    let Some(value) = value else { return Ok(()) };
    let gauge = ConstGauge::new(value);
    gauge.encode(to.encode_descriptor(name, help, None, gauge.metric_type())?)
}

/// Writes a gauge with a series for each row.
pub(super) fn gauges(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: &[Labelled<'_, i64>],
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let mut family = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
    rows.iter().try_for_each(|(labels, value)| {
        ConstGauge::new(*value).encode(family.encode_family(labels)?)
    })
}

/// Writes a counter without labels; its name gets `_total`.
pub(super) fn counter(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> fmt::Result {
    let counter = ConstCounter::new(value);
    counter.encode(to.encode_descriptor(name, help, None, counter.metric_type())?)
}

/// Returns seconds, as Prometheus has all times.
pub(super) fn seconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64()
}
