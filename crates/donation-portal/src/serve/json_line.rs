//! Log lines in JSON.

use std::fmt;
use std::sync::Arc;

use portal_domain::Clock;
use portal_service::write_json_line;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats a log event as one JSON object a line.
pub(crate) struct JsonLine {
    pub(crate) clock: Arc<dyn Clock>,
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write_json_line(&mut out, event, self.clock.now())?;
        out.write_char('\n')
    }
}
