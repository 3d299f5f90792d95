//! Periods and times in an address, in the time zone of the page.

use portal_domain::UnixSeconds;
use portal_service::period;

use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::query_key::QueryKey;

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

/// A period that may have no beginning, or no end.
type OpenPeriod = (Option<UnixSeconds>, Option<UnixSeconds>);

/// Returns the period that an address asks for: `period`, or `since` and `until`.
pub(crate) fn bounds(page: &PageRequest) -> Result<OpenPeriod, PageError> {
    let (since, until) = since_until(page, page.value(SINCE.key), page.value(UNTIL.key))?;
    let Some(text) = page.value(PERIOD.key) else { return Ok((since, until)) };
    let [begin, end] = period_bounds(page, text)?;
    match (since, until) {
        (None, None) => Ok((Some(begin), Some(end))),
        _ => Err(PERIOD.refusal()),
    }
}

/// Returns the bounds of a period as people write it, in the time zone of the page.
pub(crate) fn period_bounds(page: &PageRequest, text: &str) -> Result<[UnixSeconds; 2], PageError> {
    bounds_of(page, text).ok_or_else(|| PERIOD.refusal())
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
