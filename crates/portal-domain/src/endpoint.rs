//! Checks the webhook endpoint as Stripe has it, so that events can arrive.

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertChange, endpoint_key};
use crate::endpoint_problem::EndpointProblem;
use crate::event_types::MONEY_TYPES;
use crate::facts::FactsKind;
use crate::ids::{EnumWord, EventType, ObjectId};
use crate::stripe::page::Endpoint;

/// The first and the last API version whose events are known to be read correctly.
pub const VERSIONS_KNOWN: [&str; 2] = ["2017-08-15", "2026-10-28.endive"];

/// The first version in which no event names the invoice of a payment, and the first in which one
/// names it again.
///
/// `payment_intent.invoice` is removed, and `invoice_payment.paid` does not exist yet
/// (<https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices>,
/// <https://docs.stripe.com/changelog/basil/2025-05-28/partial-payments>).
pub const VERSIONS_WITHOUT_LINKS: [&str; 2] = ["2025-03-31.basil", "2025-05-28.basil"];

/// Stripe delays the collection of an invoice while an endpoint does not acknowledge this type
/// (<https://docs.stripe.com/billing/subscriptions/webhooks>).
const INVOICE_CREATED: &str = "invoice.created";

/// One problem of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub problem: EndpointProblem,
    /// The endpoint (`we_…`); `None` if there is none.
    pub endpoint: Option<ObjectId>,
    /// The types that are missing, for [`EndpointProblem::TypesMissing`].
    pub types: Vec<&'static str>,
}

/// A webhook endpoint that posts to this service, as Stripe has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenEndpoint {
    /// `we_…`
    pub id: ObjectId,
    /// True if Stripe sends events to it.
    pub is_enabled: bool,
    /// The API version of its events; `None` for the account's default.
    pub api_version: Option<EnumWord>,
    /// True if nearly all types are chosen at once (`*`).
    pub takes_all: bool,
    /// The chosen types.
    pub types: Vec<EventType>,
}

impl SeenEndpoint {
    fn of(endpoint: &Endpoint) -> Self {
        let types = endpoint.enabled_events.iter();
        Self {
            id: endpoint.id.clone(),
            is_enabled: endpoint.is_enabled(),
            api_version: endpoint.api_version.get().cloned(),
            takes_all: endpoint.enabled_events.iter().any(|it| it == "*"),
            types: types.filter_map(|it| EventType::new(it)).collect(),
        }
    }

    /// True if events of that type are sent to it.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.takes_all || self.types.iter().any(|it| it.as_str() == name)
    }

    /// Returns the chosen types that this service has no use for.
    pub fn superfluous(&self) -> impl Iterator<Item = &EventType> {
        self.types.iter().filter(|it| FactsKind::of(it).is_none())
    }
}

/// Returns the problems of this service's endpoints.
#[must_use]
pub fn problems(ours: &[SeenEndpoint]) -> Vec<Problem> {
    let Some(first) = ours.first() else {
        return vec![Problem { problem: EndpointProblem::Missing, endpoint: None, types: vec![] }];
    };
    let enabled: Vec<_> = ours.iter().filter(|it| it.is_enabled).collect();
    let problem = |problem, endpoint: &SeenEndpoint, types| Problem {
        problem,
        endpoint: Some(endpoint.id.clone()),
        types,
    };
    let Some(it) = enabled.first() else {
        return vec![problem(EndpointProblem::Disabled, first, vec![])];
    };
    let mut found = Vec::new();
    let sent = |name: &str| enabled.iter().any(|it| it.takes(name));
    let missing: Vec<_> = MONEY_TYPES.into_iter().filter(|it| !sent(it)).collect();
    if !missing.is_empty() {
        found.push(problem(EndpointProblem::TypesMissing, it, missing));
    }
    if sent(INVOICE_CREATED) {
        found.push(problem(EndpointProblem::HoldsUpInvoices, it, vec![]));
    }
    if let Some(second) = enabled.get(1) {
        let differs = enabled.iter().find(|other| other.api_version != it.api_version);
        found.push(match differs {
            Some(other) => problem(EndpointProblem::VersionsDiffer, other, vec![]),
            None => problem(EndpointProblem::Duplicated, second, vec![]),
        });
    }
    let [oldest, newest] = VERSIONS_KNOWN;
    let known = |it: &SeenEndpoint| {
        it.api_version.as_ref().is_none_or(|it| (oldest..=newest).contains(&it.as_str()))
    };
    if let Some(other) = enabled.iter().find(|it| !known(it)) {
        found.push(problem(EndpointProblem::VersionUnknown, other, vec![]));
    }
    found
}

/// Returns the endpoints that post to `url`, with any query, among all that a key of that mode sees.
#[must_use]
pub fn at_url(endpoints: &[Endpoint], url: &str, livemode: bool) -> Vec<SeenEndpoint> {
    let ours = |it: &&Endpoint| it.livemode == livemode && same_url(&it.url, url);
    endpoints.iter().filter(ours).map(SeenEndpoint::of).collect()
}

/// True if renewals in events of that version stay provisional until their invoices are looked up.
#[must_use]
pub fn lacks_invoice_links(api_version: &EnumWord) -> bool {
    let [from, before] = VERSIONS_WITHOUT_LINKS;
    (from..before).contains(&api_version.as_str())
}

/// Returns an alert change for each problem: raised if it is present, resolved if it is not.
#[must_use]
pub fn changes(problems: &[Problem]) -> Vec<AlertChange> {
    let change = |problem| match problems.iter().find(|it| it.problem == problem) {
        Some(it) => AlertChange::Raise(Alert::Endpoint { problem, endpoint: it.endpoint.clone() }),
        None => AlertChange::Resolve(endpoint_key(problem)),
    };
    EndpointProblem::ALL.iter().copied().map(change).collect()
}

/// True if requests to both URLs come to the same route: the case of the host, the port that the
/// scheme has anyway and one slash at the end of the path make no difference, the case of the path
/// does. Ignores the query: Stripe's guide to an upgrade tells two endpoints apart by one
/// (<https://docs.stripe.com/webhooks/versioning>).
fn same_url(one: &str, other: &str) -> bool {
    let parts = |url: &str| -> Option<(String, String)> {
        let url = url.split_once('?').map_or(url, |(url, _)| url);
        let (scheme, rest) = url.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        let port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(port).unwrap_or(&host);
        let path = path.strip_suffix('/').unwrap_or(path);
        Some((format!("{scheme}://{host}"), path.to_owned()))
    };
    parts(one).is_some() && parts(one) == parts(other)
}

#[cfg(test)]
mod tests {
    use super::{lacks_invoice_links, same_url};
    use crate::ids::EnumWord;

    #[test]
    fn urls_that_lead_to_one_route_are_the_same() {
        let url = "https://portal.example.org/api/webhooks/stripe";
        for same in [
            url,
            "https://portal.example.org/api/webhooks/stripe/",
            "https://Portal.example.org:443/api/webhooks/stripe?v=2",
        ] {
            assert!(same_url(same, url) && same_url(url, same), "{same}");
        }
        for other in [
            "https://portal.example.org/API/webhooks/stripe",
            "https://portal.example.org/api/webhooks/stripe//",
            "https://portal.example.org:80/api/webhooks/stripe",
            "http://portal.example.org/api/webhooks/stripe",
            "portal.example.org/api/webhooks/stripe",
        ] {
            assert!(!same_url(other, url), "{other}");
        }
    }

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
