//! The completeness report: the compared window, the gaps that were found and their repair.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::ids::ObjectId;
use crate::stripe::{ReadError, Resource, Window};
use crate::text::Text;
use crate::time::UnixSeconds;

/// The most findings that a report lists; further ones are only counted.
pub const FINDINGS_MAX: usize = 1000;

/// The result of one comparison with Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The window in which the compared payments and invoices were created.
    pub window: Window,
    /// The end of the comparison.
    pub made_at: UnixSeconds,
    /// Live or test mode, by the key.
    pub livemode: bool,
    /// The number of donations that Stripe shows.
    pub shown: u64,
    /// The number of events about money that were missing here and were recorded.
    pub events_recorded: u64,
    /// The number of donations that differed and were repaired.
    pub repaired: u64,
    /// The number of donations that still differ.
    pub open: u64,
    /// The repaired and the open differences, up to [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    pub unread: Vec<UnreadResource>,
}

/// One donation that differed from Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The payment or the invoice.
    pub object: ObjectId,
    pub difference: Difference,
    pub repaired: bool,
}

/// A difference between Stripe and the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Stripe shows a donation that is not in the ledger.
    MissingHere,
    /// The ledger has a donation that Stripe does not show.
    MissingThere,
    /// The amounts or the currencies differ.
    Amount,
    /// Only one of the two is paid.
    State,
    /// One is one-time and the other is recurring.
    Kind,
    /// The amounts of refunds or of lost disputes differ.
    Refunded,
    /// The ledger does not know if it belongs to an invoice.
    Provisional,
    /// The ledger counts it by itself, but it belongs to an invoice, so it was counted twice.
    CountedTwice,
}

/// A resource at Stripe that could not be read, and the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadResource {
    pub resource: Resource,
    pub why: ReadError,
}

/// The overall result of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was read, and every donation is here once.
    Complete,
    /// Some donations still differ.
    Differences,
    /// Some resource could not be read.
    Unknown,
}

impl Report {
    /// Returns the empty report of `window`.
    #[must_use]
    pub fn new(window: Window, livemode: bool) -> Self {
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

    /// Returns the number of donations that are here as Stripe shows them.
    #[must_use]
    pub fn here(&self) -> u64 {
        let wanting = self
            .findings
            .iter()
            .filter(|it| !it.repaired && !matches!(it.difference, Difference::MissingThere));
        self.shown.saturating_sub(wanting.count() as u64)
    }

    /// Returns the overall result. It is never [`Verdict::Complete`] if a resource was not read.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.unread.is_empty(), self.open) {
            (false, _) => Verdict::Unknown,
            (true, 0) => Verdict::Complete,
            (true, _) => Verdict::Differences,
        }
    }

    /// Adds a resource that could not be read, once.
    pub fn unread_resource(&mut self, resource: Resource, why: ReadError) {
        let note = UnreadResource { resource, why };
        if !self.unread.contains(&note) {
            self.unread.push(note);
        }
    }

    /// Adds a difference and the outcome of its repair.
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

/// The overall result in one sentence.
impl Report {
    /// Returns one line about it, with its times as `time` shows them.
    pub fn summary(&self, time: impl Fn(UnixSeconds) -> Text) -> Text {
        let Self { window, shown, repaired, open, .. } = self;
        let (tests, tests_ja) =
            if self.livemode { ("", "") } else { (" (tests)", "（テスト環境）") };
        let (here, since, until) = (self.here(), time(window.since), time(window.until));
        let counts = Text::new(
            format_args!(
                "of the {shown} donations{tests} that Stripe shows between {} and {}, {here} are here, once; repaired: {repaired}; open: {open}",
                since.en, until.en
            ),
            format_args!(
                "{} から {} までに Stripe が示す寄付{tests_ja} {shown} 件のうち、{here} 件が一度ずつ記録されています。修復 {repaired} 件、未解決 {open} 件",
                since.ja, until.ja
            ),
        );
        match self.verdict() {
            Verdict::Complete | Verdict::Differences => counts,
            Verdict::Unknown => {
                let unread = self.unread.iter().map(|it| {
                    let (name, Text { en, ja }) = (it.resource.name(), it.why.text());
                    (format!("{name} ({en})"), format!("{name}（{ja}）"))
                });
                let (en, ja): (Vec<_>, Vec<_>) = unread.unzip();
                let (en, ja) = (en.join(", "), ja.join("、"));
                counts.then(&text!(
                    "incomplete: could not read {en}",
                    "照合できない部分があります。読み取れなかったもの: {ja}"
                ))
            }
        }
    }
}

/// In English and UTC.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary(Text::same).en)
    }
}

impl Verdict {
    /// Returns the result for people; in English it is the name in data.
    #[must_use]
    pub fn text(self) -> Text {
        let in_japanese = match self {
            Self::Complete => "照合済み",
            Self::Differences => "差異あり",
            Self::Unknown => "照合できない部分あり",
        };
        Text::new(self.name(), in_japanese)
    }
}

named!(Verdict, Difference);
