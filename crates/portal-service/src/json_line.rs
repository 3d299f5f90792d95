//! A log line as one JSON object, the same on every host.

use std::fmt::{self, Write};

use portal_domain::UnixSeconds;
use tracing::Event;
use tracing::field::{Field, Visit};

/// Writes what was logged at `now` to `out`, as one JSON object without a newline: time, level and
/// target, then the event's fields in their order.
///
/// # Errors
/// If `out` took no more.
pub fn write_json_line(out: &mut dyn Write, event: &Event<'_>, now: UnixSeconds) -> fmt::Result {
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
    fields.out.write_char('}')
}

struct JsonFields<'o> {
    out: &'o mut dyn Write,
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
