//! The request of a client.

/// One request, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// Without the query, such as `/v1/events`.
    pub path: String,
    /// The parameters in their order, decoded; `types[0]` is `types[]`.
    pub query: Vec<(String, String)>,
    /// True if `Authorization` had the server's key; the key itself is not kept.
    pub authorized: bool,
    /// `Stripe-Version`
    pub version: Option<String>,
    /// `Stripe-Context`
    pub context: Option<String>,
}
