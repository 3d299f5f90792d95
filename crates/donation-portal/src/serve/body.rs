//! A body while it is read: for so long, and with so much memory.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use portal_http::{BODY_BYTES_MAX, BodyMemoryUsedUp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::serve::connection::Connection;
use crate::serve::connections::STOP_GRACE;

/// The time for reading a body. Those of Stripe have a few KB and arrive at once.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// The bytes of each body that are read without asking for memory: more than nearly all events have.
const SMALL_BYTES_MAX: usize = 32 * 1024;

/// The bytes of all bodies beyond the first [`SMALL_BYTES_MAX`] of each, together. With
/// [`CONNECTIONS_MAX`](crate::serve::connections::CONNECTIONS_MAX) small ones that is 64 MiB.
const LARGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The limits that all bodies share.
#[derive(Clone)]
pub(crate) struct BodyLimits {
    memory: Arc<Semaphore>,
    stop: CancellationToken,
}

impl BodyLimits {
    /// Cuts bodies that are not whole [`STOP_GRACE`] after `stop`.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { memory: Arc::new(Semaphore::new(LARGE_BYTES_MAX)), stop }
    }

    /// Bounds `body`, which comes on `connection`.
    pub(crate) fn bound(&self, body: Incoming, connection: &Arc<Connection>) -> BoundedBody {
        let (limits, connection) = (self.clone(), Arc::clone(connection));
        BoundedBody {
            body,
            connection,
            limits,
            bytes: 0,
            memory: None,
            deadline: None,
            ended: false,
        }
    }

    async fn deadline(self) {
        let stopped = async {
            self.stop.cancelled().await;
            tokio::time::sleep(STOP_GRACE).await;
        };
        tokio::select! {
            () = tokio::time::sleep(BODY_DEADLINE) => {}
            () = stopped => {}
        }
    }
}

/// A body that fails unless it ends within [`BODY_DEADLINE`] of the first poll that has to wait, or
/// within [`STOP_GRACE`] of a signal; and where the memory for large bodies is used up.
pub(crate) struct BoundedBody {
    body: Incoming,
    connection: Arc<Connection>,
    limits: BodyLimits,
    /// The bytes that were read so far.
    bytes: usize,
    /// Those beyond [`SMALL_BYTES_MAX`].
    memory: Option<OwnedSemaphorePermit>,
    deadline: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// It was read to its end, or nobody waits for its end any longer.
    ended: bool,
}

impl BoundedBody {
    /// Takes the memory for `more` bytes. What is beyond the largest body is refused by its reader.
    fn take_memory(&mut self, more: usize) -> Result<(), BodyMemoryUsedUp> {
        let large = |bytes: usize| bytes.clamp(SMALL_BYTES_MAX, BODY_BYTES_MAX);
        let (before, after) = (self.bytes, self.bytes.saturating_add(more));
        self.bytes = after;
        let Ok(needed) = u32::try_from(large(after) - large(before)) else {
            return Err(BodyMemoryUsedUp);
        };
        if needed == 0 {
            return Ok(());
        }
        let taken = Arc::clone(&self.limits.memory).try_acquire_many_owned(needed);
        let taken = taken.map_err(|_| BodyMemoryUsedUp)?;
        match &mut self.memory {
            Some(memory) => memory.merge(taken),
            None => self.memory = Some(taken),
        }
        Ok(())
    }
}

impl Drop for BoundedBody {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            self.connection.left_body_unread();
        }
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let Some(Ok(frame)) = frame else {
                self.ended = true;
                return Poll::Ready(frame.map(|it| it.map_err(Into::into)));
            };
            let taken = self.take_memory(frame.data_ref().map_or(0, Bytes::len));
            return Poll::Ready(Some(taken.map(|()| frame).map_err(Into::into)));
        }
        let Self { limits, deadline, ended, .. } = &mut *self;
        let deadline = deadline.get_or_insert_with(|| Box::pin(limits.clone().deadline()));
        ready!(deadline.as_mut().poll(context));
        *ended = true;
        Poll::Ready(Some(Err("the body took too long".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
