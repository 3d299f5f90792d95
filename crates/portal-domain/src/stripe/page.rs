//! What Stripe's API answers, made into the domain's types. All that is not allow-listed is dropped.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fetched, ReadError};
use crate::event::Event;
use crate::facts::{Charge, Facts, FactsKind};
use crate::ids::{EnumWord, EventId, EventType, ObjectId};
use crate::lenient::{FromJson, FromObject, Lenient};
use crate::time::UnixSeconds;

/// One page of a list.
pub struct Page<T, Id> {
    /// What could be read, in Stripe's order.
    pub items: Vec<T>,
    /// How many items could not be read.
    pub unreadable: u64,
    /// The first item, the newest.
    pub first: Option<Id>,
    /// The last item, the oldest.
    pub last: Option<Id>,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
}

/// A page of events, as they would have been delivered.
///
/// # Errors
/// [`ReadError::Unreadable`] where it is no list.
pub fn events(
    fetched: &Fetched,
    received_at: UnixSeconds,
) -> Result<Page<Event, EventId>, ReadError> {
    page(fetched, |item| Event::listed(item, received_at).ok())
}

/// A page of objects of one kind.
///
/// # Errors
/// [`ReadError::Unreadable`] where it is no list.
pub fn objects(
    fetched: &Fetched,
    kind: FactsKind,
) -> Result<Page<FetchedObject, ObjectId>, ReadError> {
    page(fetched, |item| seen(kind, item))
}

/// One object.
///
/// # Errors
/// [`ReadError::Unreadable`] where it is none of that kind.
pub fn object(fetched: &Fetched, kind: FactsKind) -> Result<FetchedObject, ReadError> {
    seen(kind, text(fetched)?).ok_or(ReadError::Unreadable)
}

/// An object with what was asked for along with it.
pub struct FetchedObject {
    /// The object.
    pub facts: Facts,
    /// A PaymentIntent's latest charge, which knows when it was paid and what went back.
    pub charge: Option<Charge>,
}

/// A webhook endpoint (<https://docs.stripe.com/api/webhook_endpoints/object>).
///
/// Its URL and event types are the operator's own words to Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// `we_…`
    pub id: ObjectId,
    /// Where Stripe posts to.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: EnumWord,
    /// The types that it is sent; `*` is all but few.
    pub enabled_events: Vec<String>,
    /// The version its events are made in; `None`: the account's.
    #[serde(default)]
    pub api_version: Lenient<EnumWord>,
    /// Live money or tests.
    pub livemode: bool,
}

impl Endpoint {
    /// Tells whether Stripe sends anything to it.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status.as_str() == "enabled"
    }
}

/// All webhook endpoints; there are 16 at most (<https://docs.stripe.com/webhooks>).
///
/// # Errors
/// [`ReadError::Unreadable`] where it is no list of them.
pub fn endpoints(fetched: &Fetched) -> Result<Vec<Endpoint>, ReadError> {
    let list: ListBody<'_> = from_text(text(fetched)?)?;
    list.data.iter().map(|item| from_text(item.get())).collect()
}

/// What a thin event tells when it is fetched whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThinEvent {
    /// The object that it, or the event that could not be made, is about.
    pub object: Option<(FactsKind, ObjectId)>,
    /// The type of the event that could not be made, where it tells of that.
    pub not_generated: Option<EventType>,
}

/// A thin event, whole.
///
/// # Errors
/// [`ReadError::Unreadable`] where it is none.
pub fn thin_event(fetched: &Fetched) -> Result<ThinEvent, ReadError> {
    let FromObject(event) = from_text::<FromObject<Whole>>(text(fetched)?)?;
    let impact = event.data.0.and_then(|it| it.impact.0);
    let not_generated = impact.as_ref().and_then(|it| it.event_type.0.clone());
    let related = impact.map_or(event.related_object, |it| it.related_object).0;
    let object =
        related.and_then(|it| Some((FactsKind::of_object(it.kind.0?.as_str())?, it.id.0?)));
    Ok(ThinEvent { object, not_generated })
}

#[derive(Deserialize)]
struct ListBody<'b> {
    #[serde(borrow)]
    data: Vec<&'b RawValue>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct WithId<Id> {
    id: Id,
}

fn page<T, Id: for<'de> Deserialize<'de>>(
    fetched: &Fetched,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Page<T, Id>, ReadError> {
    let ListBody { data, has_more } = from_text(text(fetched)?)?;
    if has_more && data.is_empty() {
        // Nobody can ask for what comes after nothing.
        return Err(ReadError::Unreadable);
    }
    let id = |item: &&RawValue| from_text::<WithId<Id>>(item.get()).map(|it| it.id);
    let first = data.first().map(id).transpose()?;
    let last = data.last().map(id).transpose()?;
    let count = data.len();
    let items: Vec<T> = data.iter().filter_map(|item| read(item.get())).collect();
    let unreadable = (count - items.len()) as u64;
    Ok(Page { items, unreadable, first, last, has_more })
}

fn seen(kind: FactsKind, item: &str) -> Option<FetchedObject> {
    #[derive(Deserialize)]
    struct WithCharge {
        #[serde(default)]
        latest_charge: Lenient<Charge>,
    }
    let facts = kind.read(item).ok().filter(|it| it.object_id().is_some())?;
    let is_payment = kind == FactsKind::PaymentIntent;
    let charge = is_payment.then(|| from_text::<WithCharge>(item)).transpose().ok()?;
    let charge = charge.and_then(|it| it.latest_charge.0);
    Some(FetchedObject { facts, charge })
}

macro_rules! kept {
    ($name:ident { $($field:ident: $kind:ty,)* }) => {
        #[derive(Deserialize)]
        struct $name { $(#[serde(default)] $field: $kind,)* }

        impl FromJson for $name {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(
                entries: A,
            ) -> Result<Option<Self>, A::Error> {
                let object = serde::de::value::MapAccessDeserializer::new(entries);
                Self::deserialize(object).map(Some)
            }
        }
    };
}

kept! { Whole { related_object: Lenient<Related>, data: Lenient<Data>, } }
kept! { Data { impact: Lenient<Impact>, } }
kept! { Impact { event_type: Lenient<EventType>, related_object: Lenient<Related>, } }

#[derive(Deserialize)]
struct Related {
    #[serde(default)]
    id: Lenient<ObjectId>,
    #[serde(default, rename = "type")]
    kind: Lenient<EnumWord>,
}

impl FromJson for Related {
    fn from_object<'de, A: serde::de::MapAccess<'de>>(
        entries: A,
    ) -> Result<Option<Self>, A::Error> {
        Self::deserialize(serde::de::value::MapAccessDeserializer::new(entries)).map(Some)
    }
}

fn text(fetched: &Fetched) -> Result<&str, ReadError> {
    std::str::from_utf8(&fetched.body).map_err(|_| ReadError::Unreadable)
}

/// serde's own text may quote the answer, so it goes no further.
fn from_text<'b, T: Deserialize<'b>>(text: &'b str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|_| ReadError::Unreadable)
}
