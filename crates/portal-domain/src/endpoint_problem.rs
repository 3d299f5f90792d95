//! The problems that a webhook endpoint can have.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// A problem of the endpoint; the gravest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EndpointProblem {
    /// No endpoint has this service's URL.
    Missing,
    /// Stripe sends nothing to it.
    Disabled,
    /// It is not subscribed to types that money depends on.
    TypesMissing,
    /// It is subscribed to `invoice.created`, so an outage here delays the collection of invoices.
    HoldsUpInvoices,
    /// Two endpoints have this service's URL and different API versions: each event comes twice,
    /// and the first delivery decides which facts are kept.
    VersionsDiffer,
    /// Two endpoints have this service's URL, so each event comes twice.
    Duplicated,
    /// Its events are made in a version that this service does not know.
    VersionUnknown,
}

named!(EndpointProblem);

impl EndpointProblem {
    pub const ALL: &[Self] = Self::VARIANTS;
}
