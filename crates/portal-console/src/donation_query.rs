//! The filter of donations in an address. All of a page's state is in its address.

use portal_domain::{Currency, DonationFilter, DonationState, Kind, ObjectId, UnixSeconds};
use portal_service::period;

use crate::page_error::{FilterKey, PageError};
use crate::page_request::PageRequest;

/// The most rows of a page.
const LIMIT_MAX: u32 = 200;

/// The rows of a page whose address says nothing else.
const LIMIT: u32 = 50;

const PERIOD: FilterKey = FilterKey {
    key: "period",
    form: [
        "a year (2026), a month (2026-11), a day (2026-11-22), today, yesterday or a number of days (30d), and neither “since” nor “until”",
        "年（2026）、月（2026-11）、日（2026-11-22）、today、yesterday、日数（30d）のいずれか（since・until とは併用不可）",
    ],
};

const SINCE: FilterKey = FilterKey {
    key: "since",
    form: ["a date (2026-11-22) or an RFC 3339 time", "日付（2026-11-22）または RFC 3339 の時刻"],
};

const UNTIL: FilterKey = FilterKey {
    key: "until",
    form: [
        "a date (2026-11-22), which is included, or an RFC 3339 time, not before “since”",
        "since より前でない日付（2026-11-22。その日を含む）または RFC 3339 の時刻",
    ],
};

const KIND: FilterKey = FilterKey {
    key: "kind",
    form: ["one_time, recurring or invoice", "one_time、recurring、invoice のいずれか"],
};

const STATE: FilterKey = FilterKey {
    key: "state",
    form: ["paid, pending or failed", "paid、pending、failed のいずれか"],
};

const CURRENCY: FilterKey = FilterKey {
    key: "currency",
    form: ["a currency of three letters, such as jpy", "3 文字の通貨コード（jpy など）"],
};

const PROVISIONAL: FilterKey =
    FilterKey { key: "provisional", form: ["yes or no", "yes または no"] };

const CONFIRMED: FilterKey =
    FilterKey { key: "confirmed", form: ["yes or no", "yes または no"] };

const LIMIT_KEY: FilterKey =
    FilterKey { key: "limit", form: ["a number from 1 to 200", "1 から 200 までの数"] };

const AFTER: FilterKey = FilterKey {
    key: "after",
    form: ["the address of a “next page” link", "「次のページ」のリンクのアドレス"],
};

/// A place in the list of donations: the time and the id of the last one of the page before.
pub(crate) type DonationCursor = (UnixSeconds, ObjectId);

/// The donations that an address asks for.
#[derive(Clone, Debug)]
pub(crate) struct DonationQuery {
    pub(crate) filter: DonationFilter,
    pub(crate) after: Option<DonationCursor>,
    pub(crate) limit: u32,
}

impl DonationQuery {
    /// # Errors
    /// [`PageError::BadFilter`] for the first key whose value is none of its own.
    pub(crate) fn read(page: &PageRequest, livemode: bool) -> Result<Self, PageError> {
        let (since, until) = bounds(page)?;
        let filter = DonationFilter {
            since,
            until,
            currency: value(page, CURRENCY, |it| Currency::new(&it.to_lowercase()))?,
            kind: value(page, KIND, Kind::from_name)?,
            state: value(page, STATE, DonationState::from_name)?,
            livemode: Some(livemode),
            provisional: value(page, PROVISIONAL, yes_or_no)?,
            confirmed: value(page, CONFIRMED, yes_or_no)?,
        };
        let limit =
            value(page, LIMIT_KEY, |it| it.parse().ok().filter(|it| (1..=LIMIT_MAX).contains(it)))?;
        Ok(Self { filter, after: value(page, AFTER, cursor)?, limit: limit.unwrap_or(LIMIT) })
    }
}

/// Returns the bounds of a period as people write it, in the time zone of the page.
pub(crate) fn period_bounds(page: &PageRequest, text: &str) -> Result<[UnixSeconds; 2], PageError> {
    bounds_of(page, text).ok_or(PageError::BadFilter(PERIOD))
}

/// Returns the text of a cursor, for `after`.
pub(crate) fn cursor_text(at: UnixSeconds, id: &ObjectId) -> String {
    format!("{}:{id}", at.get())
}

fn bounds(page: &PageRequest) -> Result<(Option<UnixSeconds>, Option<UnixSeconds>), PageError> {
    let since = value(page, SINCE, |it| Some(bound(page, it)?[0]))?;
    let until = value(page, UNTIL, |it| Some(bound(page, it)?[1]))?;
    let Some(text) = page.value(PERIOD.key) else {
        return match since.zip(until) {
            Some((since, until)) if since > until => Err(PageError::BadFilter(UNTIL)),
            _ => Ok((since, until)),
        };
    };
    let [begin, end] = period_bounds(page, text)?;
    match (since, until) {
        (None, None) => Ok((Some(begin), Some(end))),
        _ => Err(PageError::BadFilter(PERIOD)),
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
    let [since, until] = period.bounds().map(|it| it.in_zone(page.zone(), page.now));
    Some([since.ok()?, until.ok()?])
}

fn value<T>(
    page: &PageRequest,
    key: FilterKey,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, PageError> {
    let value = page.value(key.key).map(|text| read(text).ok_or(PageError::BadFilter(key)));
    value.transpose()
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn cursor(text: &str) -> Option<DonationCursor> {
    let (at, id) = text.split_once(':')?;
    Some((UnixSeconds::new(at.parse().ok()?)?, ObjectId::new(id)?))
}
