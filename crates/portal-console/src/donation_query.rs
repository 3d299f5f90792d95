//! The filter of donations in an address. All of a page's state is in its address.

use portal_domain::money::decimals;
use portal_domain::{
    Currency, DisputeState, DonationFilter, DonationState, Kind, ObjectId, UnixSeconds,
};

use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::period_query::bounds;
use crate::query_key::QueryKey;

const KIND: QueryKey = QueryKey { key: "kind", form: "one_time | recurring | invoice" };

const STATE: QueryKey = QueryKey { key: "state", form: "paid | pending | failed" };

const CURRENCY: QueryKey = QueryKey { key: "currency", form: "jpy | usd | …" };

const PROVISIONAL: QueryKey = QueryKey { key: "provisional", form: "yes | no" };

const CONFIRMED: QueryKey = QueryKey { key: "confirmed", form: "yes | no" };

const DISPUTE: QueryKey = QueryKey { key: "dispute", form: "inquiry | open | won | lost" };

const FROM: QueryKey = QueryKey { key: "from", form: "3000 | 25.50 (& currency)" };

const TO: QueryKey = QueryKey { key: "to", form: "3000 | 25.50 (& currency), from ≤ to" };

const AFTER: QueryKey = QueryKey { key: "after", form: "TIME:ID" };

/// A place in the list of donations: the time and the id of the last one of the page before.
pub(crate) type DonationCursor = (UnixSeconds, ObjectId);

/// The donations that an address asks for.
#[derive(Clone, Debug)]
pub(crate) struct DonationQuery {
    pub(crate) filter: DonationFilter,
    pub(crate) after: Option<DonationCursor>,
}

impl DonationQuery {
    /// # Errors
    /// [`PageError::BadQuery`] for the first key whose value is none of its own.
    pub(crate) fn read(page: &PageRequest, livemode: bool) -> Result<Self, PageError> {
        let (since, until) = bounds(page)?;
        let currency = CURRENCY.value(page, |it| Currency::new(&it.to_lowercase()))?;
        let amount = |it: &str| minor_units(it, currency.as_ref()?);
        let (amount_from, amount_to) = (FROM.value(page, amount)?, TO.value(page, amount)?);
        if amount_from.zip(amount_to).is_some_and(|(from, to)| from > to) {
            return Err(TO.refusal());
        }
        let filter = DonationFilter {
            since,
            until,
            kind: KIND.value(page, Kind::from_name)?,
            state: STATE.value(page, DonationState::from_name)?,
            livemode: Some(livemode),
            provisional: PROVISIONAL.value(page, yes_or_no)?,
            confirmed: CONFIRMED.value(page, yes_or_no)?,
            dispute: DISPUTE.value(page, DisputeState::from_name)?,
            amount_from,
            amount_to,
            currency,
        };
        Ok(Self { filter, after: AFTER.value(page, cursor)? })
    }
}

/// Returns the filter of what was paid in a period.
pub(crate) fn paid_in([since, until]: [UnixSeconds; 2], livemode: bool) -> DonationFilter {
    DonationFilter {
        since: Some(since),
        until: Some(until),
        state: Some(DonationState::Paid),
        livemode: Some(livemode),
        ..DonationFilter::default()
    }
}

/// Returns the text of a cursor, for `after`.
pub(crate) fn cursor_text(at: UnixSeconds, id: &ObjectId) -> String {
    format!("{}:{id}", at.get())
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Reads an amount in the currency's own units, such as `3000` or `25.50`, as minor units.
fn minor_units(text: &str, currency: &Currency) -> Option<i64> {
    let (units, rest) = text.split_once('.').unwrap_or((text, ""));
    let width = decimals(currency);
    let is_number = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    if units.is_empty() || !is_number(units) || !is_number(rest) || rest.len() > width {
        return None;
    }
    format!("{units}{rest:0<width$}").parse().ok()
}

fn cursor(text: &str) -> Option<DonationCursor> {
    let (at, id) = text.split_once(':')?;
    Some((UnixSeconds::new(at.parse().ok()?)?, ObjectId::new(id)?))
}

#[cfg(test)]
mod tests {
    use portal_domain::Currency;

    use super::minor_units;

    #[test]
    fn an_amount_is_read_in_the_units_of_its_currency() {
        let read = |text, currency| minor_units(text, &Currency::new(currency).unwrap());
        assert_eq!(read("3000", "jpy"), Some(3000));
        assert_eq!(read("3000", "usd"), Some(300_000));
        assert_eq!(read("25.5", "usd"), Some(2_550));
        assert_eq!(read("1.234", "kwd"), Some(1_234));
        for text in ["", ".", "-1", "+1", "1,000", ".5", "25.501", "99999999999999999999"] {
            assert_eq!(read(text, "usd"), None, "{text}");
        }
        assert_eq!(read("25.50", "jpy"), None);
    }
}
