//! The endpoint as Stripe has it: whether events can arrive.

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertChange, endpoint_key};
use crate::event_types::MONEY_TYPES;
use crate::ids::{EnumWord, ObjectId};
use crate::stripe::page::Endpoint;

/// The first and the last API version whose events are known to be read right.
const VERSIONS_KNOWN: [&str; 2] = ["2017-08-15", "2026-10-28.endive"];

/// The first version in which no event tells which invoice a payment belongs to, and the first in which
/// one tells it again.
///
/// `payment_intent.invoice` is gone, and `invoice_payment.paid` is not there yet
/// (<https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices>,
/// <https://docs.stripe.com/changelog/basil/2025-05-28/partial-payments>).
pub const VERSIONS_WITHOUT_LINKS: [&str; 2] = ["2025-03-31.basil", "2025-05-28.basil"];

/// Stripe waits with collecting for an endpoint that does not answer this
/// (<https://docs.stripe.com/billing/subscriptions/webhooks>).
const INVOICE_CREATED: &str = "invoice.created";

/// What may be wrong with the endpoint, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointProblem {
    /// No endpoint has this service's URL.
    Missing,
    /// Stripe sends nothing to it.
    Disabled,
    /// Types that money depends on are not sent.
    TypesMissing,
    /// It is sent `invoice.created`, so that an outage here delays the collecting of invoices.
    HoldsUpInvoices,
    /// Two endpoints have this service's URL, and make their events in different API versions: each
    /// event comes twice, and the one that comes first decides what is known of it.
    VersionsDiffer,
    /// Two endpoints have this service's URL, so that each event comes twice.
    Duplicated,
    /// Its events are made in a version that this service does not know.
    VersionUnknown,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub problem: EndpointProblem,
    /// The endpoint (`we_…`), where there is one.
    pub endpoint: Option<ObjectId>,
    /// The types that are not sent, where it is that.
    pub types: Vec<&'static str>,
}

/// What is wrong with the endpoint at `url`, among all that a key of that mode sees.
#[must_use]
pub fn problems(endpoints: &[Endpoint], url: &str, livemode: bool) -> Vec<Problem> {
    let ours = at_url(endpoints, url, livemode);
    let Some(first) = ours.first() else {
        return vec![Problem { problem: EndpointProblem::Missing, endpoint: None, types: vec![] }];
    };
    let enabled: Vec<_> = ours.iter().filter(|it| it.is_enabled()).collect();
    let problem = |problem, endpoint: &Endpoint, types| Problem {
        problem,
        endpoint: Some(endpoint.id.clone()),
        types,
    };
    let Some(it) = enabled.first() else {
        return vec![problem(EndpointProblem::Disabled, first, vec![])];
    };
    let mut found = Vec::new();
    let sent = |name: &str| enabled.iter().any(|it| it.enabled_events.iter().any(|e| e == name));
    let missing: Vec<_> = MONEY_TYPES.into_iter().filter(|it| !sent(it) && !sent("*")).collect();
    if !missing.is_empty() {
        found.push(problem(EndpointProblem::TypesMissing, it, missing));
    }
    if sent(INVOICE_CREATED) || sent("*") {
        found.push(problem(EndpointProblem::HoldsUpInvoices, it, vec![]));
    }
    if let Some(second) = enabled.get(1) {
        let differs = enabled.iter().find(|other| other.api_version.get() != it.api_version.get());
        found.push(match differs {
            Some(other) => problem(EndpointProblem::VersionsDiffer, other, vec![]),
            None => problem(EndpointProblem::Duplicated, second, vec![]),
        });
    }
    let [oldest, newest] = VERSIONS_KNOWN;
    let known = |it: &Endpoint| {
        it.api_version.get().is_none_or(|it| (oldest..=newest).contains(&it.as_str()))
    };
    if let Some(other) = enabled.iter().find(|it| !known(it)) {
        found.push(problem(EndpointProblem::VersionUnknown, other, vec![]));
    }
    found
}

/// Finds the endpoints of that mode that post to `url`, with whatever query.
#[must_use]
pub fn at_url<'e>(endpoints: &'e [Endpoint], url: &str, livemode: bool) -> Vec<&'e Endpoint> {
    endpoints.iter().filter(|it| it.livemode == livemode && same_url(&it.url, url)).collect()
}

/// Tells whether renewals whose events are made in that version stay provisional until Stripe is asked
/// for their invoices.
#[must_use]
pub fn lacks_invoice_links(api_version: &EnumWord) -> bool {
    let [from, before] = VERSIONS_WITHOUT_LINKS;
    (from..before).contains(&api_version.as_str())
}

/// What an operator is told of these: each problem that is there, and the end of each that is not.
#[must_use]
pub fn changes(problems: &[Problem]) -> Vec<AlertChange> {
    let change = |problem| match problems.iter().find(|it| it.problem == problem) {
        Some(it) => AlertChange::Raise(Alert::Endpoint { problem, endpoint: it.endpoint.clone() }),
        None => AlertChange::Resolve(endpoint_key(problem)),
    };
    EndpointProblem::ALL.map(change).into()
}

impl EndpointProblem {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::Disabled,
        Self::TypesMissing,
        Self::HoldsUpInvoices,
        Self::VersionsDiffer,
        Self::Duplicated,
        Self::VersionUnknown,
    ];

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Disabled => "disabled",
            Self::TypesMissing => "types_missing",
            Self::HoldsUpInvoices => "holds_up_invoices",
            Self::VersionsDiffer => "versions_differ",
            Self::Duplicated => "duplicated",
            Self::VersionUnknown => "version_unknown",
        }
    }
}

/// A query leads nowhere else: Stripe's guide to an upgrade tells two endpoints apart by one
/// (<https://docs.stripe.com/webhooks/versioning>).
fn same_url(one: &str, other: &str) -> bool {
    let path = |url: &str| -> String {
        let path = url.split_once('?').map_or(url, |(path, _)| path);
        path.trim_end_matches('/').to_ascii_lowercase()
    };
    path(one) == path(other)
}

#[cfg(test)]
mod tests {
    use super::lacks_invoice_links;
    use crate::ids::EnumWord;

    #[test]
    fn two_monthly_versions_name_no_invoice_of_a_payment() {
        for (version, lacks) in [
            ("2025-02-24.acacia", false),
            ("2025-03-31.basil", true),
            ("2025-04-30.basil", true),
            ("2025-04-30.preview", true),
            ("2025-05-28.basil", false),
            ("2025-09-30.clover", false),
        ] {
            assert_eq!(lacks_invoice_links(&EnumWord::new(version).unwrap()), lacks, "{version}");
        }
    }
}
