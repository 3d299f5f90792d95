//! The time of log lines for people.

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;
use portal_domain::Clock;
use portal_service::period::in_zone;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Writes the time of a line in a time zone, as the lists do.
pub(crate) struct LogTime {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) zone: TimeZone,
}

impl FormatTime for LogTime {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        out.write_str(&in_zone(self.clock.now(), &self.zone))
    }
}
