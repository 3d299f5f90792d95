//! Waiting, but not for ever.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use portal_domain::StoreError;
use worker::Delay;
use worker::send::SendFuture;

/// How long one step of the store may take where nobody waits for an answer.
const STEP: Duration = Duration::from_secs(5);

/// What `work` comes to within `limit`; later than that nobody listens any more.
pub(crate) async fn within<T: Send>(
    limit: Duration,
    work: impl Future<Output = T> + Send,
) -> Option<T> {
    // Timers are JavaScript's and stay on this thread, as everything in a Worker does.
    SendFuture::new(async {
        match select(pin!(work), pin!(Delay::from(limit))).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(((), _)) => None,
        }
    })
    .await
}

/// What a step of the store comes to, or that it took too long.
pub(crate) async fn with_timeout<T: Send>(
    step: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    within(STEP, step).await.unwrap_or(Err(StoreError::TimedOut))
}
