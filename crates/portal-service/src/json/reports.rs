//! Completeness reports.

use portal_domain::report::{Finding, UnreadResource};
use portal_domain::{Report, Resource, UnixSeconds};
use serde::Serialize;

/// The JSON keys that `reports list` and `reports show` have in common, which are a contract. Times
/// are Unix seconds.
#[derive(Serialize)]
pub struct ReportHead {
    report: u64,
    verdict: &'static str,
    since: UnixSeconds,
    until: UnixSeconds,
    made_at: UnixSeconds,
    livemode: bool,
    shown: u64,
    here: u64,
    events_recorded: u64,
    repaired: u64,
    open: u64,
}

impl ReportHead {
    #[must_use]
    pub fn of(number: u64, report: &Report) -> Self {
        Self {
            report: number,
            verdict: report.verdict().name(),
            since: report.window.since,
            until: report.window.until,
            made_at: report.made_at,
            livemode: report.livemode,
            shown: report.shown,
            here: report.here(),
            events_recorded: report.events_recorded,
            repaired: report.repaired,
            open: report.open,
        }
    }
}

/// The contract of `reports list --format json`.
#[derive(Serialize)]
pub struct ReportLine {
    #[serde(flatten)]
    head: ReportHead,
    /// The number of resources that could not be read.
    unread: usize,
}

impl ReportLine {
    #[must_use]
    pub fn of((number, report): &(u64, Report)) -> Self {
        Self { head: ReportHead::of(*number, report), unread: report.unread.len() }
    }
}

/// The contract of `reports show --format json`.
#[derive(Serialize)]
pub struct ReportDetail<'a> {
    #[serde(flatten)]
    head: ReportHead,
    findings: &'a [Finding],
    unread: Vec<UnreadLine>,
}

#[derive(Serialize)]
struct UnreadLine {
    resource: Resource,
    why: &'static str,
    /// The HTTP status, if `why` does not say it.
    status: Option<u16>,
}

impl UnreadLine {
    fn of(&UnreadResource { resource, why }: &UnreadResource) -> Self {
        Self { resource, why: why.name(), status: why.status() }
    }
}

impl<'a> ReportDetail<'a> {
    #[must_use]
    pub fn of(number: u64, report: &'a Report) -> Self {
        let head = ReportHead::of(number, report);
        let unread = report.unread.iter().map(UnreadLine::of).collect();
        Self { head, findings: &report.findings, unread }
    }
}
