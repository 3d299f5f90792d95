//! Databases with recorded events, made without a server.

use std::sync::Arc;

use portal_contract::block_on;
use portal_contract::stripe::{BEGIN, NEW, OLD, Object, payment, told};
use portal_domain::{Entry, Event, Secret, Secrets, Tolerance, UnixSeconds, sign, verify};

use crate::support::Result;
use crate::support::event::SECRET;
use crate::support::home::{On, TestHome};

/// 2026-11-21T15:00:00Z, when a day begins in Tokyo.
pub(crate) const MIDNIGHT_IN_TOKYO: i64 = 1_795_273_200;

/// Returns a home on this store with these events recorded in its inbox and ledger.
pub(crate) fn home_on(on: On, bodies: &[String]) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    record(&home, bodies, MIDNIGHT_IN_TOKYO)?;
    Ok(home)
}

/// Records these events with their changes, as received at `at` (Unix seconds).
pub(crate) fn record(home: &TestHome, bodies: &[String], at: i64) -> Result {
    write(home, &decided(bodies, at)?, at)
}

/// Records these events as if the ledger could not take what they change.
pub(crate) fn record_without_changes(home: &TestHome, bodies: &[String], at: i64) -> Result {
    let entries = decided(bodies, at)?;
    let entries: Vec<_> = entries.iter().map(|it| Arc::new(it.without_changes())).collect();
    write(home, &entries, at)
}

fn write(home: &TestHome, entries: &[Arc<Entry>], at: i64) -> Result {
    let store = home.store()?;
    // A step of the store has a deadline, which thousands of events at once may miss.
    for some in entries.chunks(2000) {
        block_on(store.record(some, moment(at)?))?;
    }
    Ok(())
}

/// Decides these events as received at `at`.
fn decided(bodies: &[String], at: i64) -> Result<Vec<Arc<Entry>>> {
    let secret = Secret::new(SECRET)?;
    let secrets = Secrets::new(SECRET)?;
    let at = moment(at)?;
    let mut entries = Vec::with_capacity(bodies.len());
    for body in bodies {
        let header = sign(&secret, at, body.as_bytes());
        let bytes = body.clone().into_bytes().into();
        let verified = verify(Some(header.as_bytes()), bytes, &secrets, Tolerance::DEFAULT, at);
        let verified = verified.map_err(|refusal| refusal.name())?;
        let event = Event::read(&verified, at).map_err(|refusal| refusal.name())?;
        entries.push(Arc::new(Entry::decide(event)));
    }
    Ok(entries)
}

/// Returns the event of a payment of `amount` that belongs to no invoice.
pub(crate) fn gift(id: &str, amount: i64, currency: &str, at: i64) -> String {
    paid(OLD, id, amount, currency, at)
}

/// Returns the event of a provisional payment: one that may belong to an invoice.
pub(crate) fn uncertain_gift(id: &str, amount: i64, currency: &str, at: i64) -> String {
    paid(NEW, id, amount, currency, at)
}

fn paid(version: &str, id: &str, amount: i64, currency: &str, at: i64) -> String {
    let payment = payment(id, "succeeded").of_money(amount, currency);
    event_about(version, "payment_intent.succeeded", at, payment)
}

/// Returns an event of API version `version` about `object`; its id is derived from both.
pub(crate) fn event_about(version: &str, event_type: &str, at: i64, object: Object) -> String {
    let id = format!("evt_{}_{}", object.id(), event_type.replace('.', "_"));
    told(version, at - BEGIN, event_type, object).known_as(&id).body()
}

fn moment(seconds: i64) -> Result<UnixSeconds> {
    Ok(UnixSeconds::new(seconds).ok_or("no such moment")?)
}
