//! What can be seen of a host besides its answers.

use std::time::Duration;

use serde_json::Value;

use crate::answer::assert_received;
use crate::host::Host;
use crate::{Failure, clock, events};

/// How long a log line may be on its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who can look behind a host's answers.
///
/// What it tells may lag behind: the cases wait for log lines, and ask for the other things only
/// when these are there. It is asked for the log often, for the rest sparingly.
pub trait Witness: Send + Sync {
    /// The log lines so far, in their order. Lines that are not the host's own may be among them.
    ///
    /// # Errors
    /// Where the log cannot be read.
    fn log(&self) -> Result<Vec<Value>, Failure>;

    /// The ids of the events that are recorded, one for each record, in the order of arrival.
    ///
    /// # Errors
    /// Where the database cannot be asked.
    fn inbox(&self) -> Result<Vec<String>, Failure>;

    /// The state of the recorded event of that id.
    ///
    /// # Errors
    /// Where the database cannot be asked, or has no such event.
    fn state(&self, id: &str) -> Result<String, Failure>;

    /// All bytes at rest, and all output so far, each with where it was.
    ///
    /// # Errors
    /// Where something cannot be read.
    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>, Failure>;
}

impl Host {
    /// Makes deliveries, and hands back the log lines of these, and of no others; `None` where
    /// nobody witnesses them.
    ///
    /// An event before them and one after them mark which lines are theirs.
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
        let lines = clock::wait_for("the log lines", PATIENCE, || {
            let lines = witness.log()?;
            Ok(lines.iter().any(|it| is_of(it, &after)).then_some(lines))
        })?;
        let lines = lines.into_iter().filter(is_of_a_delivery);
        let lines = lines.skip_while(|it| !is_of(it, &before)).skip(1);
        Ok(Some(lines.take_while(|it| !is_of(it, &after)).collect()))
    }

    /// Asserts that of the events `asked` those in `due` are recorded, in that order, as far as
    /// somebody can tell.
    #[track_caller]
    pub(crate) fn assert_recorded(&self, asked: &[&str], due: &[&str]) -> Result<(), Failure> {
        let Some(witness) = &self.witness else { return Ok(()) };
        let mut inbox = witness.inbox()?;
        inbox.retain(|id| asked.contains(&id.as_str()));
        assert_eq!(inbox, due);
        Ok(())
    }

    /// Asserts that the recorded event of that id is in that state, as far as somebody can tell.
    #[track_caller]
    pub(crate) fn assert_state(&self, id: &str, due: &str) -> Result<(), Failure> {
        let Some(witness) = &self.witness else { return Ok(()) };
        assert_eq!(witness.state(id)?, due, "{id}");
        Ok(())
    }

    /// Delivers an event of which nothing is wanted but its line.
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
