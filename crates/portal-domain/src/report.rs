//! The completeness report: what was compared with Stripe, what was missing, and what was done.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::ObjectId;
use crate::stripe::{ReadError, Resource, Window};
use crate::time::UnixSeconds;

/// How many findings a report lists; beyond that it only counts.
pub const FINDINGS_MAX: usize = 1000;

/// A dated statement of what was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What time it is about: donations whose payment or invoice was made then.
    pub window: Window,
    /// When the comparison ended.
    pub made_at: UnixSeconds,
    /// Live money or tests: what the key may see.
    pub livemode: bool,
    /// How many donations Stripe shows.
    pub shown: u64,
    /// How many events that money depends on were missing here, and were recorded.
    pub events_recorded: u64,
    /// How many donations differed and are right now.
    pub repaired: u64,
    /// How many donations differ still.
    pub open: u64,
    /// What was repaired and what is open, up to [`FINDINGS_MAX`] of them.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and why.
    pub unread: Vec<UnreadResource>,
}

/// One donation that was not here as Stripe shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The payment or the invoice.
    pub object: ObjectId,
    /// What was wrong.
    pub difference: Difference,
    /// Whether it is right now.
    pub repaired: bool,
}

/// What differs between Stripe and the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Stripe shows a donation that is not in the ledger.
    MissingHere,
    /// The ledger has a donation that Stripe does not show.
    MissingThere,
    /// The amounts or the currencies differ.
    Amount,
    /// One is paid and the other is not.
    State,
    /// Whether it is given once or repeatedly differs.
    Kind,
    /// What went back or was taken by disputes differs.
    Refunded,
    /// Whether it belongs to an invoice is not known here.
    Provisional,
    /// It stands by itself here and belongs to an invoice, so that it was counted twice.
    CountedTwice,
}

/// Something that could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadResource {
    /// Where.
    pub resource: Resource,
    /// Why.
    #[serde(flatten)]
    pub why: ReadError,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All was looked at, and every donation is here, once.
    Complete,
    /// Some donations differ still.
    Differences,
    /// Something could not be looked at.
    Unknown,
}

impl Report {
    /// A report of `window` before anything was looked at.
    #[must_use]
    pub fn begun(window: Window, livemode: bool) -> Self {
        Self {
            window,
            made_at: window.until,
            livemode,
            shown: 0,
            events_recorded: 0,
            repaired: 0,
            open: 0,
            findings: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// How many donations that Stripe shows are here, as it shows them.
    #[must_use]
    pub fn here(&self) -> u64 {
        let wanting = self
            .findings
            .iter()
            .filter(|it| !it.repaired && !matches!(it.difference, Difference::MissingThere));
        self.shown.saturating_sub(wanting.count() as u64)
    }

    /// What it comes to. Never [`Verdict::Complete`] where something was not looked at.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.unread.is_empty(), self.open) {
            (false, _) => Verdict::Unknown,
            (true, 0) => Verdict::Complete,
            (true, _) => Verdict::Differences,
        }
    }

    /// Notes what could not be looked at, once.
    pub fn unread_resource(&mut self, resource: Resource, why: ReadError) {
        let note = UnreadResource { resource, why };
        if !self.unread.contains(&note) {
            self.unread.push(note);
        }
    }

    /// Notes a difference that was found, and whether it could be repaired.
    pub fn found(&mut self, object: ObjectId, difference: Difference, repaired: bool) {
        if repaired {
            self.repaired += 1;
        } else {
            self.open += 1;
        }
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { object, difference, repaired });
        }
    }
}

impl Verdict {
    /// The name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Differences => "differences",
            Self::Unknown => "unknown",
        }
    }
}

impl Difference {
    /// The name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::Amount => "amount",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Refunded => "refunded",
            Self::Provisional => "provisional",
            Self::CountedTwice => "counted_twice",
        }
    }
}

/// The statement, in one sentence.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { window, shown, repaired, open, .. } = self;
        let tests = if self.livemode { "" } else { " (tests)" };
        let here = self.here();
        write!(
            f,
            "of the {shown} donations{tests} that Stripe shows between {} and {}, {here} are here, once; repaired: {repaired}; open: {open}",
            window.since, window.until
        )?;
        match self.verdict() {
            Verdict::Unknown => f.write_str("; not complete: could not see ")?,
            Verdict::Complete | Verdict::Differences => return Ok(()),
        }
        for (place, it) in self.unread.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{} ({})", it.resource.name(), it.why)?;
        }
        Ok(())
    }
}
