//! What a client asked.

/// One request, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// Without the query, such as `/v1/events`.
    pub path: String,
    /// The parameters in their order, decoded; `types[0]` is `types[]`.
    pub query: Vec<(String, String)>,
    /// Whether `Authorization` had the server's key; the key itself is kept nowhere.
    pub authorized: bool,
    /// `Stripe-Version`
    pub version: Option<String>,
    /// `Stripe-Context`
    pub context: Option<String>,
}
