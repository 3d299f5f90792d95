//! The log lines and the rows of a host, where there is a witness.

use std::time::Duration;

use portal_testkit::{clock, events};
use serde_json::Value;

use crate::host::answer::assert_received;
use crate::host::{Failure, Host};

/// The time limit for a log line to appear.
const LOG_LIMIT: Duration = Duration::from_secs(30);

impl Host {
    /// Makes deliveries and returns exactly their log lines, or `None` without a witness.
    ///
    /// An event delivered before and one after them mark the range of lines.
    pub(crate) fn lines_of(
        &self,
        deliveries: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<Option<Vec<Value>>, Failure> {
        let Some(witness) = &self.witness else {
            deliveries()?;
            return Ok(None);
        };
        let before = self.mark()?;
        deliveries()?;
        let after = self.mark()?;
        let lines = clock::wait_for("the log lines", LOG_LIMIT, || {
            let lines = witness.log()?;
            Ok(lines.iter().any(|it| is_of(it, &after)).then_some(lines))
        })?;
        let lines = lines.into_iter().filter(is_of_a_delivery);
        let lines = lines.skip_while(|it| !is_of(it, &before)).skip(1);
        Ok(Some(lines.take_while(|it| !is_of(it, &after)).collect()))
    }

    /// Asserts that of the events `asked` exactly those in `due` are recorded, in this order. Without a
    /// witness it checks nothing.
    #[track_caller]
    pub(crate) fn assert_recorded(&self, asked: &[&str], due: &[&str]) -> Result<(), Failure> {
        let Some(witness) = &self.witness else { return Ok(()) };
        let mut inbox = witness.inbox()?;
        inbox.retain(|id| asked.contains(&id.as_str()));
        assert_eq!(inbox, due);
        Ok(())
    }

    /// Asserts that the recorded event with this id is in this state. Without a witness it checks
    /// nothing.
    #[track_caller]
    pub(crate) fn assert_state(&self, id: &str, due: &str) -> Result<(), Failure> {
        let Some(witness) = &self.witness else { return Ok(()) };
        assert_eq!(witness.state(id)?, due, "{id}");
        Ok(())
    }

    /// Delivers an event that only marks a place in the log.
    fn mark(&self) -> Result<String, Failure> {
        let id = self.fresh_id();
        assert_received(&self.deliver(events::payment(&id))?);
        Ok(id)
    }
}

fn is_of(line: &Value, id: &str) -> bool {
    line["event_id"] == id && is_of_a_delivery(line)
}

fn is_of_a_delivery(line: &Value) -> bool {
    line["outcome"].is_string() && line["status"].is_u64()
}
