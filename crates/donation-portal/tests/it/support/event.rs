//! Events to deliver, and their signatures.

use portal_domain::UnixSeconds;
pub(crate) use portal_testkit::events::{
    DONOR, OTHER_SECRET, SECRET, Sample, dispute, event, gift, payment, sample, samples,
};

use super::{Result, clock};

/// Returns the Stripe-Signature header of `body`, signed now.
pub(crate) fn signature(body: &[u8]) -> Result<String> {
    signature_at(clock::now()?, SECRET, body)
}

/// Returns the Stripe-Signature header of `body`, signed with `secret` at `at`.
pub(crate) fn signature_at(at: UnixSeconds, secret: &str, body: &[u8]) -> Result<String> {
    Ok(portal_testkit::events::signature_at(at.get(), secret, body))
}

/// Returns the time `seconds` from now; in the past if they are negative.
pub(crate) fn seconds_from_now(seconds: i64) -> Result<UnixSeconds> {
    let moment = clock::now()?.get() + seconds;
    Ok(UnixSeconds::new(moment).ok_or("no such moment")?)
}
