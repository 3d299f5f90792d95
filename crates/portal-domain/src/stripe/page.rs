//! Decodes the answers of Stripe's API into the domain's types; only allow-listed fields are kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fetched, ReadError};
use crate::event::Event;
use crate::facts::{Charge, Facts, FactsKind};
use crate::ids::{Currency, EnumWord, EventId, EventType, ObjectId};
use crate::json_target::read_object;
use crate::lenient::{Lenient, fields};
use crate::payouts::{BalanceLine, BalanceReading};
use crate::time::UnixSeconds;

/// One page of a list.
pub struct Page<T, Id> {
    /// The readable items, in Stripe's order.
    pub items: Vec<T>,
    /// The number of items that could not be read.
    pub unreadable: u64,
    /// The first item, which is the newest.
    pub first: Option<Id>,
    /// The last item, which is the oldest.
    pub last: Option<Id>,
    /// True if there are more in the direction of the request.
    pub has_more: bool,
}

/// Decodes a page of events as if they had been delivered.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is no list.
pub fn events(
    fetched: &Fetched,
    received_at: UnixSeconds,
) -> Result<Page<Event, EventId>, ReadError> {
    page(fetched, |item| Event::listed(item, received_at).ok())
}

/// Decodes a page of objects of one kind.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is no list.
pub fn objects(
    fetched: &Fetched,
    kind: FactsKind,
) -> Result<Page<FetchedObject, ObjectId>, ReadError> {
    page(fetched, |item| seen(kind, item))
}

/// Decodes one object.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is none of that kind.
pub fn object(fetched: &Fetched, kind: FactsKind) -> Result<FetchedObject, ReadError> {
    seen(kind, text(fetched)?).ok_or(ReadError::Unreadable)
}

/// Decodes a page of lines of the balance, each with the charge, refund or dispute that it is about.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is no list.
pub fn balance_lines(
    fetched: &Fetched,
    livemode: bool,
) -> Result<Page<(BalanceLine, Option<Facts>), ObjectId>, ReadError> {
    page(fetched, |item| BalanceLine::read(item, livemode))
}

/// Decodes the balance: what is available and pending in each currency.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is none, or that of the other mode.
pub fn balance(fetched: &Fetched, livemode: bool) -> Result<Vec<BalanceReading>, ReadError> {
    #[derive(Deserialize)]
    struct Body {
        available: Vec<Sum>,
        pending: Vec<Sum>,
        livemode: bool,
    }
    #[derive(Deserialize)]
    struct Sum {
        amount: i64,
        currency: Currency,
    }
    let body: Body = from_text(text(fetched)?)?;
    if body.livemode != livemode {
        return Err(ReadError::Unreadable);
    }
    let mut sums = BTreeMap::<Currency, (i64, i64)>::new();
    for it in body.available {
        sums.entry(it.currency).or_default().0 = it.amount;
    }
    for it in body.pending {
        sums.entry(it.currency).or_default().1 = it.amount;
    }
    let reading = |(currency, (available, pending))| BalanceReading {
        currency,
        livemode,
        at: fetched.at,
        available,
        pending,
    };
    Ok(sums.into_iter().map(reading).collect())
}

/// An object with its expanded parts.
pub struct FetchedObject {
    pub facts: Facts,
    /// The latest charge of a PaymentIntent, which has the time of payment and the refunds.
    pub charge: Option<Charge>,
}

/// A webhook endpoint (<https://docs.stripe.com/api/webhook_endpoints/object>).
///
/// Its URL and event types were set by the operator, so they are no personal data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// `we_…`
    pub id: ObjectId,
    /// The URL that Stripe posts to.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: EnumWord,
    /// The subscribed types; `*` is nearly all.
    pub enabled_events: Vec<String>,
    /// The API version of its events; `None` for the account's default.
    #[serde(default)]
    pub api_version: Lenient<EnumWord>,
    pub livemode: bool,
}

impl Endpoint {
    /// True if Stripe sends events to it.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status.as_str() == "enabled"
    }
}

/// Decodes all webhook endpoints, of which there are at most 16
/// (<https://docs.stripe.com/webhooks>).
///
/// # Errors
/// [`ReadError::Unreadable`] if it is no list of them.
pub fn endpoints(fetched: &Fetched) -> Result<Vec<Endpoint>, ReadError> {
    let list: ListBody<'_> = from_text(text(fetched)?)?;
    list.data.iter().map(|item| from_text(item.get())).collect()
}

/// The content of a thin event that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThinEvent {
    /// The object of the event, or of the event that Stripe could not create.
    pub object: Option<(FactsKind, ObjectId)>,
    /// The type of the event that Stripe could not create, if this event reports that.
    pub not_generated: Option<EventType>,
}

/// Decodes a thin event.
///
/// # Errors
/// [`ReadError::Unreadable`] if it is none.
pub fn thin_event(fetched: &Fetched) -> Result<ThinEvent, ReadError> {
    let mut event = Whole::default();
    read_object(text(fetched)?, &mut event).map_err(|_| ReadError::Unreadable)?;
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
        // An empty page that claims more pages has no item to continue from.
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
    let facts = kind.read(item).ok().filter(|it| it.object_id().is_some())?;
    let mut payment = WithCharge::default();
    if kind == FactsKind::PaymentIntent {
        read_object(item, &mut payment).ok()?;
    }
    Some(FetchedObject { facts, charge: payment.latest_charge.0 })
}

macro_rules! kept {
    ($name:ident { $($field:ident $(= $key:literal)?: $kind:ty,)* }) => {
        #[derive(Default)]
        struct $name { $($field: Lenient<$kind>,)* }

        fields! { $name { $($field $(= $key)?,)* } }
    };
}

kept! { Whole { related_object: Related, data: Data, } }
kept! { Data { impact: Impact, } }
kept! { Impact { event_type: EventType, related_object: Related, } }
kept! { Related { id: ObjectId, kind = "type": EnumWord, } }
kept! { WithCharge { latest_charge: Charge, } }

fn text(fetched: &Fetched) -> Result<&str, ReadError> {
    std::str::from_utf8(&fetched.body).map_err(|_| ReadError::Unreadable)
}

/// Drops serde's own text, which may quote the answer.
fn from_text<'b, T: Deserialize<'b>>(text: &'b str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|_| ReadError::Unreadable)
}
