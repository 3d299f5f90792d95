//! Damage of the file: noticed once, believed until a check proves the contrary.
//!
//! A file with damaged pages may take most writes, so that one write says nothing. After SQLite has
//! called it damaged the store is not ready until `quick_check` has read all of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use portal_domain::{StoreError, UnixSeconds};

use crate::connection::{AccessMode, OpenDatabase, failed};

/// The least time between two checks of a damaged file: each reads all of it.
const CHECK_EVERY_SECONDS: i64 = 60;

/// The damage that a process knows of.
pub(crate) struct Damage {
    path: PathBuf,
    state: Arc<Mutex<DamageState>>,
}

#[derive(Default)]
struct DamageState {
    is_damaged: bool,
    is_checking: bool,
    /// The begin of the last check.
    checked_at: Option<UnixSeconds>,
}

impl Damage {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), state: Arc::default() }
    }

    /// Notes where a step has found damage.
    pub(crate) fn note<T>(&self, done: &Result<T, StoreError>) {
        if matches!(done, Err(StoreError::Corrupt)) {
            lock(&self.state).is_damaged = true;
        }
    }

    /// Fails while the file counts as damaged. Starts a check beside, once in a while.
    pub(crate) fn check(&self, now: UnixSeconds) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        if !state.is_damaged {
            return Ok(());
        }
        let recent = |at| (0..CHECK_EVERY_SECONDS).contains(&now.since(at));
        let due = !state.checked_at.is_some_and(recent);
        if due && !state.is_checking {
            state.checked_at = Some(now);
            let (path, known) = (self.path.clone(), Arc::clone(&self.state));
            let check = move || {
                let is_damaged = quick_check(&path).is_err();
                let mut state = lock(&known);
                state.is_damaged = is_damaged;
                state.is_checking = false;
            };
            let started = thread::Builder::new().name("quick-check".into()).spawn(check);
            state.is_checking = started.is_ok();
        }
        Err(StoreError::Corrupt)
    }
}

/// Reads the whole file and checks its structure: 0.15 s for 200,000 events.
///
/// # Errors
/// [`StoreError::Corrupt`] where it is damaged, others where it cannot be read.
pub fn quick_check(path: &Path) -> Result<(), StoreError> {
    let open = OpenDatabase::new(path, AccessMode::Copy)?;
    let said: String = open
        .connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(failed)?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Corrupt) }
}

fn lock(state: &Mutex<DamageState>) -> MutexGuard<'_, DamageState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
