//! Formats amounts for people: minor units with the number of decimals of their currency.

use crate::ids::Currency;

/// The currencies that Stripe sends in whole units
/// (<https://docs.stripe.com/currencies#zero-decimal>). UGX is on that list too, but is sent with
/// two decimals, as is ISK (<https://docs.stripe.com/currencies#special-cases>).
const WITHOUT_DECIMALS: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];

/// The currencies that Stripe sends in thousandths.
const WITH_THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// Returns the number of decimals of the currency's amounts.
#[must_use]
pub fn decimals(currency: &Currency) -> usize {
    let name = currency.as_str();
    if WITHOUT_DECIMALS.contains(&name) {
        0
    } else if WITH_THREE_DECIMALS.contains(&name) {
        3
    } else {
        2
    }
}

/// Returns `amount` in the currency's own units, such as `1234.50`; without grouping, so that a
/// spreadsheet reads it.
#[must_use]
pub fn decimal(amount: i64, currency: &Currency) -> String {
    let decimals = decimals(currency);
    let digits = format!("{:0width$}", amount.unsigned_abs(), width = decimals + 1);
    let (units, rest) = digits.split_at(digits.len() - decimals);
    let sign = if amount < 0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{units}") } else { format!("{sign}{units}.{rest}") }
}

/// Returns `amount` for people, such as `12,345 JPY`.
#[must_use]
pub fn for_people(amount: i64, currency: &Currency) -> String {
    let plain = decimal(amount, currency);
    let (units, rest) = plain.split_once('.').map_or((plain.as_str(), ""), |(a, b)| (a, b));
    let (sign, units) = units.strip_prefix('-').map_or(("", units), |units| ("-", units));
    let mut grouped = format!("{sign}{}", grouped(units));
    if !rest.is_empty() {
        grouped.push('.');
        grouped.push_str(rest);
    }
    format!("{grouped} {}", currency.as_str().to_uppercase())
}

/// Returns a number for people, such as `2,000`.
#[must_use]
pub fn number_for_people(number: u64) -> String {
    grouped(&number.to_string())
}

/// Returns a count for people with its noun: `1 event`, `2,000 events`.
#[must_use]
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", number_for_people(count))
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{decimal, for_people};
    use crate::ids::Currency;

    #[test]
    fn each_currency_has_its_own_decimals() {
        for (amount, currency, plain, people) in [
            (5000, "jpy", "5000", "5,000 JPY"),
            (1_234_567, "usd", "12345.67", "12,345.67 USD"),
            (5, "usd", "0.05", "0.05 USD"),
            (1_234_560, "kwd", "1234.560", "1,234.560 KWD"),
            (500, "isk", "5.00", "5.00 ISK"),
            (500, "ugx", "5.00", "5.00 UGX"),
            (0, "jpy", "0", "0 JPY"),
            (-123_456, "usd", "-1234.56", "-1,234.56 USD"),
            (-100, "jpy", "-100", "-100 JPY"),
            (i64::MIN, "jpy", "-9223372036854775808", "-9,223,372,036,854,775,808 JPY"),
        ] {
            let currency = Currency::new(currency).unwrap();
            assert_eq!(decimal(amount, &currency), plain);
            assert_eq!(for_people(amount, &currency), people);
        }
    }
}
