//! Fetching: an event that only names its object gets it from Stripe, and is then settled like any
//! other.

use crate::alert::Alert;
use crate::envelope::EVENT_NOT_GENERATED;
use crate::event::{DeadReason, Event, IgnoredReason, Payload};
use crate::facts::FactsKind;
use crate::retry::retry_at;
use crate::store::{Store, StoreError, Supplied};
use crate::stripe::{Look, Read, Stripe, Unseen, page};
use crate::text::ObjectId;
use crate::time::UnixSeconds;

/// What became of one event that waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The event, as it waited.
    pub event: Event,
    /// Where its object was looked at; `None` where nothing was asked.
    pub look: Option<Look>,
    /// Its object is here, or it needs none; or why it waits on, and until when.
    pub fetched: Result<(), (Unseen, UnixSeconds)>,
}

/// Fetches the objects of up to `limit` events that wait and are due. `jitter` is any random number;
/// `now` tells the time anew, because Stripe may take its time.
///
/// # Errors
/// Where the store failed.
pub async fn fetch_due(
    stripe: &dyn Stripe,
    store: &dyn Store,
    limit: u32,
    now: &(dyn Fn() -> UnixSeconds + Send + Sync),
    jitter: u64,
) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for event in store.waiting(limit, now()).await? {
        let look = look(&event);
        // What could not be seen a moment ago would not be seen now.
        let known = outcomes.iter().filter(|it| it.look == look).find_map(|it| it.fetched.err());
        let supplied = match known {
            Some((why, _)) => Err(why),
            None => supply(stripe, store, &event).await?,
        };
        let (supplied, fetched) = match supplied {
            Ok(supplied) => (supplied, Ok(())),
            Err(Unseen::NotFound) => (missing(&event), Ok(())),
            Err(why) => {
                let at = retry_at(event.attempts + 1, now(), jitter);
                (Supplied::Later { at }, Err((why, at)))
            }
        };
        store.supply(&event.id, &supplied, now()).await?;
        let look = look.filter(|_| !matches!(supplied, Supplied::Ignored(_)));
        outcomes.push(Outcome { event, look, fetched });
    }
    Ok(outcomes)
}

/// Where an event's object is looked at first.
fn look(event: &Event) -> Option<Look> {
    match FactsKind::of(&event.event_type) {
        // A subscription is a promise; each gift comes with its invoice.
        Some(FactsKind::Subscription) => None,
        Some(kind) => Some(Look::at(kind)),
        None => Some(Look::Events),
    }
}

async fn supply(
    stripe: &dyn Stripe,
    store: &dyn Store,
    event: &Event,
) -> Result<Result<Supplied, Unseen>, StoreError> {
    let named = event.object_id.clone().zip(FactsKind::of(&event.event_type));
    let (kind, id) = match named {
        _ if twin_is_here(store, event).await? => {
            return Ok(Ok(Supplied::Ignored(IgnoredReason::SnapshotRecorded)));
        }
        Some((_, FactsKind::Subscription)) => {
            return Ok(Ok(Supplied::Ignored(IgnoredReason::UnknownType)));
        }
        Some((id, kind)) => (kind, id),
        None => match object_of(stripe, event).await {
            Ok(Some(object)) => object,
            Ok(None) => return Ok(Ok(Supplied::Ignored(IgnoredReason::UnknownType))),
            Err(why) => return Ok(Err(why)),
        },
    };
    Ok(object(stripe, event, kind, id).await)
}

/// Whether the snapshot event of the same happening came as well.
async fn twin_is_here(store: &dyn Store, event: &Event) -> Result<bool, StoreError> {
    let Some(twin) = &event.snapshot_event else { return Ok(false) };
    let twin = store.event(twin).await?;
    Ok(twin.is_some_and(|it| it.payload == Payload::Snapshot))
}

/// The object that an event names only when it is fetched whole: that of an event which could not be
/// made.
async fn object_of(
    stripe: &dyn Stripe,
    event: &Event,
) -> Result<Option<(FactsKind, ObjectId)>, Unseen> {
    let (id, context) = (event.id.clone(), event.account.clone());
    let fetched = stripe.read(&Read::ThinEvent { id, context }).await?;
    let whole = page::thin_event(&fetched)?;
    let about_an_event = event.event_type.as_str() == EVENT_NOT_GENERATED;
    Ok(whole.object.filter(|_| about_an_event == whole.not_generated.is_some()))
}

async fn object(
    stripe: &dyn Stripe,
    event: &Event,
    kind: FactsKind,
    id: ObjectId,
) -> Result<Supplied, Unseen> {
    let context = event.account.clone();
    let fetched = stripe.read(&Read::Object { kind, id, context }).await?;
    let facts = page::object(&fetched, kind)?.facts;
    Ok(Supplied::Object { facts, at: fetched.at })
}

/// Of what was deleted nothing is to be had; else the ledger lacks something.
fn missing(event: &Event) -> Supplied {
    if event.event_type.as_str().ends_with(".deleted") {
        return Supplied::Ignored(IgnoredReason::UnknownType);
    }
    let reason = DeadReason::ObjectMissing;
    let (id, event_type) = (event.id.clone(), event.event_type.clone());
    Supplied::Dead { reason, alert: Alert::EventDead { event: id, event_type, reason } }
}
