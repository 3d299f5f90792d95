//! Captures what is logged.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// The captured log of some threads.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Logged>>);

#[derive(Default)]
pub(crate) struct Logged {
    /// The lines of the portal.
    pub(crate) lines: Vec<Line>,
    /// All lines and spans, of dependencies as well.
    pub(crate) everything: Vec<Line>,
}

/// A log line: the level under `level`, and each field under its name.
pub(crate) type Line = BTreeMap<String, String>;

struct Fields<'l>(&'l mut Line);

impl Log {
    /// Captures what this thread logs from now on. Other tests of the program log as well.
    pub(crate) fn listen(&self) {
        static GLOBAL: Once = Once::new();
        GLOBAL.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(ToThread);
            tracing::subscriber::set_global_default(subscriber).ok();
        });
        LOG.set(Some(self.clone()));
    }

    /// Returns and clears what was logged.
    pub(crate) fn taken(&self) -> Logged {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the lines of the portal so far.
    pub(crate) fn so_far(&self) -> Vec<Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }

    fn add(&self, level: &tracing::Level, target: &str, record: impl FnOnce(&mut Fields<'_>)) {
        let mut line = Line::from([("level".into(), level.to_string())]);
        record(&mut Fields(&mut line));
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logged.everything.push(line.clone());
        if target.starts_with("portal_http") {
            let message = line.remove("message");
            assert!(message.is_some_and(|it| it.contains(' ')), "{line:?} cannot be read alone");
            logged.lines.push(line);
        }
    }
}

thread_local! {
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Hands each line to the log of the thread that writes it.
struct ToThread;

impl ToThread {
    fn add(&self, level: &tracing::Level, target: &str, record: impl FnOnce(&mut Fields<'_>)) {
        if let Some(log) = LOG.with_borrow(Clone::clone) {
            log.add(level, target, record);
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for ToThread {
    fn on_new_span(
        &self,
        span: &tracing::span::Attributes<'_>,
        _: &tracing::Id,
        _: Context<'_, S>,
    ) {
        self.add(span.metadata().level(), "", |fields| span.record(fields));
    }

    fn on_record(&self, _: &tracing::Id, values: &tracing::span::Record<'_>, _: Context<'_, S>) {
        self.add(&tracing::Level::TRACE, "", |fields| values.record(fields));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        self.add(metadata.level(), metadata.target(), |fields| {
            event.record(fields);
        });
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.to_string(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.to_string(), format!("{value:?}"));
    }
}
