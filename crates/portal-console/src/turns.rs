//! The pages that are made at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, HttpBody as _};
use axum::response::Response;
use futures::StreamExt as _;

/// The number of pages that may be begun now.
pub(crate) struct Turns(AtomicUsize);

/// The right to make one page, until it is dropped.
pub(crate) struct Turn(Arc<Turns>);

impl Turns {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(most)))
    }

    /// Returns a turn if there is one now.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Turn> {
        let one_less = |left: usize| left.checked_sub(1);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        taken.is_ok().then(|| Turn(Arc::clone(self)))
    }
}

impl Turn {
    /// Keeps the turn until all of the answer is read: a file reads the store while it is sent.
    pub(crate) fn until_sent(self, answer: Response) -> Response {
        if answer.body().size_hint().exact().is_some() {
            return answer;
        }
        answer.map(|body| {
            Body::from_stream(body.into_data_stream().map(move |part| {
                let _its_turn = &self;
                part
            }))
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}
