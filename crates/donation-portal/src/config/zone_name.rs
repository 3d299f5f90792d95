//! Names of time zones.

use jiff::tz::TimeZone;
use portal_domain::{Text, text};

/// Parses the name of a time zone as the IANA database writes it.
pub(super) fn zone(name: &str) -> Result<TimeZone, Text> {
    let zone = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    zone.filter(|zone| !zone.is_unknown()).ok_or_else(|| {
        text!(
            "give a time zone of the IANA database, such as Asia/Tokyo, Europe/Berlin or UTC",
            "IANA データベースのタイムゾーン（Asia/Tokyo、Europe/Berlin、UTC など）を指定してください"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::zone;

    #[test]
    fn a_time_zone_is_named_exactly() {
        for name in ["UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT-9"] {
            assert!(zone(name).is_ok(), "{name}");
        }
        for name in ["", "JST", "Tokyo", "asia/tokyo", "+09:00", "JST-9", "Etc/Unknown", "../x"] {
            assert!(zone(name).is_err(), "{name}");
        }
    }
}
