//! A log line as one JSON object.

use std::fmt;
use std::sync::Arc;

use portal_http::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats an event as one line of JSON.
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
        let now = self.clock.now();
        let metadata = event.metadata();
        write!(
            out,
            r#"{{"timestamp":"{now}","level":"{}","target":"{}""#,
            metadata.level(),
            metadata.target()
        )?;
        let mut fields = JsonFields { out, done: Ok(()) };
        event.record(&mut fields);
        fields.done?;
        fields.out.write_str("}\n")
    }
}

struct JsonFields<'w> {
    out: Writer<'w>,
    done: fmt::Result,
}

impl JsonFields<'_> {
    fn field(&mut self, field: &Field, value: impl fmt::Display) {
        if self.done.is_ok() {
            self.done = write!(self.out, r#","{}":{value}"#, field.name());
        }
    }
}

impl Visit for JsonFields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, JsonText(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, JsonText(&format!("{value:?}")));
    }
}

struct JsonText<'t>(&'t str);

impl fmt::Display for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        match plain {
            true => write!(f, r#""{}""#, self.0),
            false => f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?),
        }
    }
}
