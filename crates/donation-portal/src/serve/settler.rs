//! The settler: settles beside the intake, on a thread of its own.
//!
//! For a store that takes many writers at once. The intake never waits for it: it rings the bell and
//! goes on. Several processes may settle from one database; none gets what another one has claimed.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use portal_domain::Store;
use portal_http::Clock;
use tokio::runtime::Runtime;

use crate::serve::bell::{Bell, Call};
use crate::serve::settling::{LOOK_EVERY, Settling, Turn};
use crate::serve::shard;

/// How long it is waited after a call, so that the events of a burst share a turn: a turn costs a few
/// round trips, whether for one event or for hundreds, and nobody waits for a donation to be settled.
const LINGER: Duration = Duration::from_millis(20);

/// The most events of one turn. Deliveries do not wait for it, so it may be larger than one between
/// writes; a claim must last for all of it many times over.
const TURN: u32 = 512;

/// Settles when it is called, and every so often.
pub(crate) struct Settler {
    settling: Settling,
    bell: Arc<Bell>,
    look_every: Duration,
}

/// A settler at work: ends it when dropped, and does not wait for that.
pub(crate) struct AtWork(Arc<Bell>);

impl Settler {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, bell: Arc<Bell>) -> Self {
        Self { settling: Settling::new(store, clock, TURN), bell, look_every: LOOK_EVERY }
    }

    /// Starts the thread, which drops `end` when it has ended.
    pub(crate) fn start(mut self, end: Sender<()>) -> io::Result<AtWork> {
        let runtime = shard::runtime()?;
        let at_work = AtWork(Arc::clone(&self.bell));
        std::thread::Builder::new().name("settler".into()).spawn(move || {
            self.work(&runtime);
            // What it holds is gone before anybody hears that it has ended.
            drop(self);
            drop(end);
        })?;
        Ok(at_work)
    }

    fn work(&mut self, runtime: &Runtime) {
        loop {
            if self.bell.wait(Call::Settle, self.look_every) == Call::Settle {
                self.bell.wait(Call::End, LINGER);
            }
            // Before the turns: what is recorded from now on may be too late for them.
            self.bell.answer();
            if self.is_over() {
                return;
            }
            self.take_turns(runtime);
        }
    }

    /// Takes turns until all that is due is settled.
    fn take_turns(&mut self, runtime: &Runtime) {
        loop {
            let pause = match runtime.block_on(self.settling.turn()) {
                Turn::Full => Duration::ZERO,
                Turn::Last => return,
                // However often the bell is rung: a store in trouble is not helped by haste.
                Turn::Failed => self.look_every,
            };
            if self.bell.wait(Call::End, pause) == Call::End {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.bell.wait(Call::End, Duration::ZERO) == Call::End
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests;
