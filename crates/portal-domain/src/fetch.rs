//! Fetches the object of a thin event from Stripe, after which the event is decided like any other.

use crate::backoff::retry_at;
use crate::entry::Entry;
use crate::envelope::EVENT_NOT_GENERATED;
use crate::event::{DeadReason, Event, IgnoredReason, Payload, State};
use crate::facts::FactsKind;
use crate::ids::ObjectId;
use crate::ports::{Inbox, Reprocess, Store, StoreError};
use crate::record::reprocess_all;
use crate::stripe::{Read, ReadError, Resource, Stripe, page};
use crate::time::{Clock, UnixSeconds};

/// The result of fetching the object of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchResult {
    /// The event, as it was.
    pub event: Event,
    /// The resource that was read; `None` if nothing was asked.
    pub resource: Option<Resource>,
    /// The outcome: its object is attached, or not needed, or to be fetched again later.
    pub fetched: Result<(), (ReadError, UnixSeconds)>,
}

/// Fetches the due objects of up to `limit` events. `jitter` is any random number; the time is read
/// from `clock` after each request, which may take long.
///
/// # Errors
/// If the store failed.
pub async fn fetch_due(
    stripe: &dyn Stripe,
    store: &dyn Store,
    limit: u32,
    clock: &dyn Clock,
    jitter: u64,
) -> Result<Vec<FetchResult>, StoreError> {
    let mut outcomes: Vec<FetchResult> = Vec::new();
    for awaiting in store.awaiting_object(limit, clock.now()).await? {
        let event = awaiting.event;
        let resource = resource(&event);
        // An object that could not be read a moment ago would not be read now.
        let known =
            outcomes.iter().filter(|it| it.resource == resource).find_map(|it| it.fetched.err());
        let fetched = match known {
            Some((why, _)) => Err(why),
            None => fetch(stripe, store, &event).await?,
        };
        let (resource, fetched) = match fetched {
            Ok(fetched) => {
                let resource = resource.filter(|_| !matches!(fetched.state, State::Ignored(_)));
                let step = Reprocess { entry: Entry::decide(fetched), from: event.state };
                reprocess_all(store, &[step], clock.now())
                    .await
                    .into_iter()
                    .collect::<Result<Vec<_>, _>>()?;
                (resource, Ok(()))
            }
            Err(why) => {
                let at = retry_at(awaiting.attempts + 1, clock.now(), jitter);
                store.postpone_fetch(&event.id, at).await?;
                (resource, Err((why, at)))
            }
        };
        outcomes.push(FetchResult { event, resource, fetched });
    }
    Ok(outcomes)
}

/// Returns the resource at which an event's object is read first.
fn resource(event: &Event) -> Option<Resource> {
    match FactsKind::of(&event.event_type) {
        // A subscription is a promise; each gift comes with its invoice.
        Some(FactsKind::Subscription) => None,
        Some(kind) => Some(Resource::at(kind)),
        None => Some(Resource::Events),
    }
}

/// Returns the event with its object, or without if it needs none.
async fn fetch(
    stripe: &dyn Stripe,
    store: &dyn Store,
    event: &Event,
) -> Result<Result<Event, ReadError>, StoreError> {
    let named = event.object_id.clone().zip(FactsKind::of(&event.event_type));
    let (kind, id) = match named {
        _ if twin_is_here(store, event).await? => {
            return Ok(Ok(ignored(event, IgnoredReason::SnapshotRecorded)));
        }
        Some((_, FactsKind::Subscription)) => {
            return Ok(Ok(ignored(event, IgnoredReason::UnknownType)));
        }
        Some((id, kind)) => (kind, id),
        None => match object_of(stripe, event).await {
            Ok(Some(object)) => object,
            Ok(None) => return Ok(Ok(ignored(event, IgnoredReason::UnknownType))),
            Err(why) => return Ok(Err(why)),
        },
    };
    Ok(match object(stripe, event, kind, id).await {
        Err(ReadError::NotFound) => Ok(missing(event)),
        fetched => fetched,
    })
}

/// Returns true if the snapshot event of the same change was received as well.
async fn twin_is_here(store: &dyn Inbox, event: &Event) -> Result<bool, StoreError> {
    let Some(twin) = &event.snapshot_event else { return Ok(false) };
    let twin = store.event(twin).await?;
    Ok(twin.is_some_and(|it| it.payload == Payload::Snapshot))
}

/// Returns the object of an event that could not be built, from the fetched event.
async fn object_of(
    stripe: &dyn Stripe,
    event: &Event,
) -> Result<Option<(FactsKind, ObjectId)>, ReadError> {
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
) -> Result<Event, ReadError> {
    let context = event.account.clone();
    let fetched = stripe.read(&Read::Object { kind, id, context }).await?;
    let facts = page::object(&fetched, kind)?.facts;
    Ok(Event {
        object_id: facts.object_id().cloned(),
        facts: Some(facts),
        fetched_at: Some(fetched.at),
        state: State::Processed,
        ..event.clone()
    })
}

fn ignored(event: &Event, reason: IgnoredReason) -> Event {
    Event { state: State::Ignored(reason), ..event.clone() }
}

/// A deleted object cannot be fetched; any other missing object is a gap in the ledger.
fn missing(event: &Event) -> Event {
    if event.event_type.as_str().ends_with(".deleted") {
        return ignored(event, IgnoredReason::UnknownType);
    }
    Event { state: State::Dead(DeadReason::ObjectMissing), ..event.clone() }
}
