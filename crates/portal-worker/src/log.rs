//! The log: one object for each line, which Cloudflare's Workers Logs indexes by its fields.

use std::sync::Arc;

use portal_domain::Clock;
use portal_service::write_json_line;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use worker::js_sys::JSON;
use worker::wasm_bindgen::JsValue;
use worker::web_sys::console;

/// Nothing below is logged.
const LEAST: LevelFilter = LevelFilter::INFO;

/// Starts logging to the console, as lines of text or as objects.
pub(crate) fn start(text: bool, clock: Arc<dyn Clock>) {
    // It fails where there is a log already.
    tracing::subscriber::set_global_default(Console { text, clock }).ok();
}

struct Console {
    /// True if a line is text, to be read in a terminal; Workers Logs does not index that.
    text: bool,
    clock: Arc<dyn Clock>,
}

impl Subscriber for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= LEAST
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LEAST)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        // A String takes everything.
        write_json_line(&mut line, event, self.clock.now()).ok();
        if self.text {
            return console::log_1(&line.into());
        }
        let object = JSON::parse(&line).unwrap_or_else(|_| JsValue::from(line));
        match *event.metadata().level() {
            Level::ERROR => console::error_1(&object),
            Level::WARN => console::warn_1(&object),
            _ => console::log_1(&object),
        }
    }

    // There are no spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
