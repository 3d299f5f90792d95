//! Periods in time zones with irregular days.

use jiff::tz::TimeZone;
use portal_domain::UnixSeconds;

use super::{FiscalYearStart, Moment, day_in_zone, in_zone, moment, period, recent};

/// 2026-11-22T13:50:00Z, which is 22:50 in Tokyo
fn now() -> UnixSeconds {
    UnixSeconds::new(1_795_355_400).unwrap()
}

/// Returns the bounds of a period in a time zone, as RFC 3339 times.
fn bounds(text: &str, name: &str) -> [String; 2] {
    let zone = TimeZone::get(name).unwrap();
    let april = FiscalYearStart::new(4).unwrap();
    period(text).unwrap().bounds(april).map(|it| it.in_zone(&zone, now()).unwrap().to_string())
}

#[test]
fn a_month_in_tokyo_begins_on_the_evening_before_in_greenwich() {
    let november = ["2026-10-31T15:00:00Z", "2026-11-30T15:00:00Z"];
    assert_eq!(bounds("2026-11", "Asia/Tokyo"), november);
    assert_eq!(bounds("2026-11", "UTC"), ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]);
    assert_eq!(bounds("2026-12", "UTC"), ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]);
}

#[test]
fn a_february_has_29_days_in_a_leap_year() {
    assert_eq!(bounds("2028-02", "UTC"), ["2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"]);
    assert_eq!(bounds("2028-02-29", "UTC"), ["2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"]);
    assert!(period("2026-02-29").is_err());
    let tokyo = ["2027-12-31T15:00:00Z", "2028-12-31T15:00:00Z"];
    assert_eq!(bounds("2028", "Asia/Tokyo"), tokyo);
}

#[test]
fn a_fiscal_year_begins_with_the_month_that_is_set() {
    let tokyo = ["2026-03-31T15:00:00Z", "2027-03-31T15:00:00Z"];
    assert_eq!(bounds("fy2026", "Asia/Tokyo"), tokyo);
    for (month, begin) in [(1, "2026-01-01"), (10, "2026-10-01"), (12, "2026-12-01")] {
        let start = FiscalYearStart::new(month).unwrap();
        let days = period("fy2026").unwrap().bounds(start);
        let days = days.map(|it| it.in_zone(&TimeZone::UTC, now()).unwrap().to_string());
        assert_eq!(
            days,
            [begin, &begin.replace("2026", "2027")].map(|it| format!("{it}T00:00:00Z"))
        );
    }
    assert!([0, 13, -1].iter().all(|it| FiscalYearStart::new(*it).is_none()));
}

#[test]
fn a_day_on_which_clocks_change_is_longer_or_shorter() {
    let october = ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"];
    assert_eq!(bounds("2026-10-25", "Europe/Berlin"), october);
    let march = ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"];
    assert_eq!(bounds("2026-03-08", "America/New_York"), march);
}

#[test]
fn a_day_without_midnight_begins_at_its_first_moment() {
    // The clocks went from 23:59:59 to 01:00:00.
    let paulo = ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"];
    assert_eq!(bounds("2018-11-04", "America/Sao_Paulo"), paulo);
    // The clocks went from 00:59:59 to 00:00:00: the first midnight counts.
    let havana = ["2018-11-04T04:00:00Z", "2018-11-05T05:00:00Z"];
    assert_eq!(bounds("2018-11-04", "America/Havana"), havana);
    // Samoa skipped this day.
    let apia = ["2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"];
    assert_eq!(bounds("2011-12-30", "Pacific/Apia"), apia);
}

#[test]
fn recent_days_end_with_today() {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    let days = |text| {
        let bounds = recent(text).unwrap().bounds(FiscalYearStart::new(4).unwrap());
        bounds.map(|it| day_in_zone(it.in_zone(&tokyo, now()).unwrap(), &tokyo))
    };
    assert_eq!(days("today"), ["2026-11-22", "2026-11-23"]);
    assert_eq!(days("yesterday"), ["2026-11-21", "2026-11-22"]);
    assert_eq!(days("1d"), days("today"));
    assert_eq!(days("30d"), ["2026-10-24", "2026-11-23"]);
    for text in ["", "d", "0d", "-1d", "367d", "30", "1h", "99999d", "tomorrow"] {
        assert_eq!(recent(text), None, "{text}");
    }
}

#[test]
fn a_moment_is_a_date_a_time_or_unix_seconds() {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    let read = |text| moment(text).unwrap().in_zone(&tokyo, now()).unwrap().get();
    assert_eq!(read("2026-11-22"), 1_795_273_200);
    assert_eq!(read("2026-11-22T00:00:00+09:00"), 1_795_273_200);
    assert_eq!(read("2026-11-21T15:00:00Z"), 1_795_273_200);
    assert_eq!(read("1795273200"), 1_795_273_200);
    let at = UnixSeconds::new(1_795_273_200).unwrap();
    assert_eq!(moment("1795273200"), Ok(Moment::At(at)));
    // Midnight in Tokyo.
    assert_eq!(read("today"), 1_795_273_200);
    assert_eq!(read("yesterday"), 1_795_273_200 - 24 * 3600);
    assert_eq!(read("90s"), now().get() - 90);
    assert_eq!(read("30m"), now().get() - 1800);
    assert_eq!(read("1h"), now().get() - 3600);
    assert_eq!(read("7d"), now().get() - 7 * 24 * 3600);
    assert!(moment("9000w").unwrap().in_zone(&tokyo, now()).is_err());
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in [
        "",
        "lately",
        "h",
        "-1h",
        "1.5h",
        "9223372036854775807d",
        "１d",
        "2026",
        "2026-11",
        "20261122",
        "2026-13-01",
        "2026-02-30",
        "26-11-22",
        "2026-11-2",
        "2026-11-22T09:00:00",
        "2026-11-22 ",
        "-1795273200",
        "+1795273200",
        "1.79e9",
        "99999999999999999999",
        "２０２６-１１-２２",
    ] {
        assert!(moment(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_period_is_refused() {
    for text in [
        "",
        "26",
        "2026-1",
        "2026-00",
        "2026-13",
        "202611",
        "2026/11",
        "November",
        "9999",
        "-026",
        "fy",
        "fy26",
        "FY2026",
        "fy2026-04",
        "fy9998",
        "2026-11-31",
        "2026-11-22T09:00:00Z",
    ] {
        assert!(period(text).is_err(), "{text}");
    }
}

#[test]
fn what_began_before_1970_is_refused_and_does_not_wrap() {
    let [begin, end] = period("1970").unwrap().bounds(FiscalYearStart::new(4).unwrap());
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    assert!(begin.in_zone(&tokyo, now()).is_err());
    assert!(end.in_zone(&tokyo, now()).is_ok());
    assert!(moment("1969-12-31").unwrap().in_zone(&tokyo, now()).is_err());
}

#[test]
fn a_time_is_shown_by_the_clocks_of_a_zone() {
    let at = UnixSeconds::new(1_795_273_200).unwrap();
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    assert_eq!(in_zone(at, &tokyo), "2026-11-22 00:00:00 +09:00");
    assert_eq!(in_zone(at, &TimeZone::get("UTC").unwrap()), "2026-11-21 15:00:00 +00:00");
    assert_eq!(day_in_zone(at, &tokyo), "2026-11-22");
}
