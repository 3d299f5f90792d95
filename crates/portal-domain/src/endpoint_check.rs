//! The check of the endpoint at Stripe, and what it has found, kept for those who look later.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::alert::AlertChange;
use crate::endpoint::{self, SeenEndpoint, at_url};
use crate::ports::{Store, StoreError, stored_json};
use crate::stripe::{Read, ReadError, Stripe, page};
use crate::time::{Clock, UnixSeconds};

/// The longest time that a check may take: a read takes half a minute at most, and is tried three times.
const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// The least time between two checks, whoever makes them: each costs a read.
pub(crate) const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The endpoints that post to this service, as they were seen last at Stripe. It is the state of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointCheck {
    /// The time at which they were seen; `None` if they never were.
    pub seen_at: Option<UnixSeconds>,
    pub endpoints: Vec<SeenEndpoint>,
    /// The error of the last check, if it could not see them.
    pub failed: Option<FailedCheck>,
}

/// A check that could not see the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCheck {
    pub at: UnixSeconds,
    pub why: ReadError,
}

impl EndpointCheck {
    /// Reads what was found last for keys of that mode.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(store: &dyn Store, livemode: bool) -> Result<Self, StoreError> {
        Ok(Self::from_json(store.job_state(job(livemode)).await?.as_deref()))
    }

    /// Asks Stripe for the endpoints at `url`, and keeps what it shows. Returns `None` without that if
    /// another check goes on, or was made within the last minute.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn make(
        stripe: &dyn Stripe,
        store: &dyn Store,
        url: &str,
        livemode: bool,
        clock: &dyn Clock,
    ) -> Result<Option<Self>, StoreError> {
        let (job, now) = (job(livemode), clock.now());
        let Some(leased) = store.lease_job(job, LEASE, now).await? else { return Ok(None) };
        let mut check = Self::from_json(leased.state.as_deref());
        match stripe.read(&Read::Endpoints).await.and_then(|it| page::endpoints(&it)) {
            Ok(all) => {
                let endpoints = at_url(&all, url, livemode);
                check = Self { seen_at: Some(now), endpoints, failed: None };
            }
            Err(why) => check.failed = Some(FailedCheck { at: now, why }),
        }
        let state = stored_json(&check)?;
        store.save_job(job, leased.lease, &state, clock.now().after(EVERY)).await?;
        Ok(Some(check))
    }

    /// Returns the changes of alerts that follow, if the endpoints were seen.
    #[must_use]
    pub fn changes(&self) -> Vec<AlertChange> {
        match self.failed {
            None => endpoint::changes(&endpoint::problems(&self.endpoints)),
            Some(_) => Vec::new(),
        }
    }

    fn from_json(state: Option<&str>) -> Self {
        state.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default()
    }
}

/// A key sees its own mode only, so each mode has its own state.
fn job(livemode: bool) -> &'static str {
    if livemode { "endpoint_live" } else { "endpoint_test" }
}
