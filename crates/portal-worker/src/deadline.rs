//! Waiting, but not for ever.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use worker::Delay;
use worker::send::SendFuture;

/// Returns the result of `work`, or fails after `limit`: later than that nobody listens any more.
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
