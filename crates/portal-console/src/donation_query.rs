//! The filter of donations in an address. All of a page's state is in its address.

use portal_domain::money::decimals;
use portal_domain::{
    Currency, DisputeState, DonationFilter, DonationState, Kind, ObjectId, UnixSeconds,
};
use portal_service::period;

use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// A key of the query, and the form of its values in every language.
#[derive(Clone, Copy)]
pub(crate) struct QueryKey {
    pub(crate) key: &'static str,
    pub(crate) form: &'static str,
}

const PERIOD: QueryKey = QueryKey {
    key: "period",
    form: "2026 | fy2026 | 2026-11 | 2026-11-22 | today | yesterday | 30d (& !since & !until)",
};

const SINCE: QueryKey =
    QueryKey { key: "since", form: "2026-11-22 | today | 2026-11-22T09:00:00+09:00" };

const UNTIL: QueryKey = QueryKey {
    key: "until",
    form: "2026-11-22 | today | 2026-11-22T09:00:00+09:00, since ≤ until",
};

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

/// A period that may have no beginning, or no end.
type OpenPeriod = (Option<UnixSeconds>, Option<UnixSeconds>);

/// The donations that an address asks for.
#[derive(Clone, Debug)]
pub(crate) struct DonationQuery {
    pub(crate) filter: DonationFilter,
    pub(crate) after: Option<DonationCursor>,
}

impl QueryKey {
    /// Returns the error of a value that the key does not take.
    pub(crate) fn refusal(self) -> PageError {
        PageError::BadQuery { key: self.key, form: self.form }
    }
}

impl DonationQuery {
    /// # Errors
    /// [`PageError::BadQuery`] for the first key whose value is none of its own.
    pub(crate) fn read(page: &PageRequest, livemode: bool) -> Result<Self, PageError> {
        let (since, until) = bounds(page)?;
        let currency = value(page, CURRENCY, |it| Currency::new(&it.to_lowercase()))?;
        let amount = |it: &str| minor_units(it, currency.as_ref()?);
        let (amount_from, amount_to) = (value(page, FROM, amount)?, value(page, TO, amount)?);
        if amount_from.zip(amount_to).is_some_and(|(from, to)| from > to) {
            return Err(TO.refusal());
        }
        let filter = DonationFilter {
            since,
            until,
            kind: value(page, KIND, Kind::from_name)?,
            state: value(page, STATE, DonationState::from_name)?,
            livemode: Some(livemode),
            provisional: value(page, PROVISIONAL, yes_or_no)?,
            confirmed: value(page, CONFIRMED, yes_or_no)?,
            dispute: value(page, DISPUTE, DisputeState::from_name)?,
            amount_from,
            amount_to,
            currency,
        };
        Ok(Self { filter, after: value(page, AFTER, cursor)? })
    }
}

/// Returns the bounds of a period as people write it, in the time zone of the page.
pub(crate) fn period_bounds(page: &PageRequest, text: &str) -> Result<[UnixSeconds; 2], PageError> {
    bounds_of(page, text).ok_or_else(|| PERIOD.refusal())
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

fn bounds(page: &PageRequest) -> Result<OpenPeriod, PageError> {
    let (since, until) = since_until(page, page.value(SINCE.key), page.value(UNTIL.key))?;
    let Some(text) = page.value(PERIOD.key) else { return Ok((since, until)) };
    let [begin, end] = period_bounds(page, text)?;
    match (since, until) {
        (None, None) => Ok((Some(begin), Some(end))),
        _ => Err(PERIOD.refusal()),
    }
}

/// Returns the times of `since` and `until`, days that are both included, as people mean them.
pub(crate) fn since_until(
    page: &PageRequest,
    since: Option<&str>,
    until: Option<&str>,
) -> Result<OpenPeriod, PageError> {
    let time = |key: QueryKey, text: Option<&str>, end: bool| {
        let time = |text| {
            let [begin, after] = bound(page, text)?;
            Some(if end { after } else { begin })
        };
        text.map(|it| time(it).ok_or_else(|| key.refusal())).transpose()
    };
    let (since, until) = (time(SINCE, since, false)?, time(UNTIL, until, true)?);
    match since.zip(until) {
        Some((since, until)) if since > until => Err(UNTIL.refusal()),
        _ => Ok((since, until)),
    }
}

/// Returns the beginning and the end of a day, or twice the time that it is.
fn bound(page: &PageRequest, text: &str) -> Option<[UnixSeconds; 2]> {
    let time = || {
        let at = period::moment(text).ok()?.in_zone(page.zone(), page.now).ok()?;
        Some([at, at])
    };
    bounds_of(page, text).or_else(time)
}

fn bounds_of(page: &PageRequest, text: &str) -> Option<[UnixSeconds; 2]> {
    let period = period::period(text).ok().or_else(|| period::recent(text))?;
    let bounds = period.bounds(page.fiscal_year_start);
    let [since, until] = bounds.map(|it| it.in_zone(page.zone(), page.now));
    Some([since.ok()?, until.ok()?])
}

fn value<T>(
    page: &PageRequest,
    key: QueryKey,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, PageError> {
    let value = page.value(key.key).map(|text| read(text).ok_or_else(|| key.refusal()));
    value.transpose()
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
