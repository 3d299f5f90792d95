//! Signed deliveries, each of an event of its own.

use clap::ValueEnum;
use portal_testkit::clock::now;
use portal_testkit::events;
use portal_testkit::events::OTHER_SECRET;
pub use portal_testkit::events::SECRET;
use portal_testkit::http::delivery;
use xtask::chance::Chance;
use xtask::run::Failure;

/// An event as Stripe sends it, of an invented donor.
const SAMPLE: &str = include_str!(
    "../../../samples/events/2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json"
);

/// An event that leads to an alert.
const DISPUTE: &str =
    include_str!("../../../samples/events/2024-06-20/charge.dispute.created.usd.json");

/// The type of the sample event.
pub const SAMPLE_TYPE: &str = "payment_intent.succeeded";

const SAMPLE_ID: &str = "evt_3BskXZUxn3WlNdCTl8MLa0cR";
const SAMPLE_PAYMENT: &str = "pi_3FuezC092bs8YG8f6jAdLSgQ";

/// The donation of each event, in minor units.
pub const SAMPLE_AMOUNT: i64 = 5000;

const SAMPLE_TEXT: &str = "spring-2026";

/// The size of a body: an event of a one-time payment with a few metadata values.
const BODY_BYTES: usize = 2500;

/// Events to one second of the time that is part of an id: about what one server takes in.
const EVENTS_IN_A_SECOND: u64 = 10_000;

/// 2020-01-01: from here on the five digits of an id's time last for 29 years.
const IDS_SINCE: u64 = 1_577_836_800;

/// The ten characters that all ids of one Stripe account share.
const ACCOUNT: &str = "bs8YG8f6jA";

/// The digits to the base 62, in an order that sorts as numbers do.
const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The order of ids in an index.
#[derive(Clone, Copy, ValueEnum)]
pub enum IdShape {
    /// As Stripe's: ordered by time, by and large.
    Stripe,
    /// Without any order.
    Random,
}

/// A source of ids that do not repeat.
pub struct Ids {
    shape: IdShape,
    since_seconds: u64,
    drawn: u64,
    chance: Chance,
}

impl Ids {
    /// Ids from now on.
    pub fn new(shape: IdShape, seed: u64) -> Self {
        Self { shape, since_seconds: now_seconds(), drawn: 0, chance: Chance::new(seed) }
    }

    /// The next id.
    pub fn draw(&mut self) -> String {
        self.drawn += 1;
        self.draw_at(self.since_seconds + self.drawn / EVENTS_IN_A_SECOND)
    }

    /// An id of the moment `unix_seconds`.
    pub fn draw_at(&mut self, unix_seconds: u64) -> String {
        let mut random = || base62(self.chance.draw(), 8);
        match self.shape {
            IdShape::Stripe => {
                let time = base62(unix_seconds.saturating_sub(IDS_SINCE), 5);
                format!("evt_3{time}{ACCOUNT}{}", random())
            }
            IdShape::Random => format!("evt_{}{}{}", random(), random(), random()),
        }
    }

    /// Returns the SQL of an id whose moment is the expression `unix_seconds`.
    pub fn in_sql(&self, unix_seconds: &str) -> String {
        let digit = |value: &str| format!("substr('{DIGITS}', ({value})::integer + 1, 1)");
        let random = |places| vec![digit("floor(random() * 62)"); places].join(" || ");
        match self.shape {
            IdShape::Stripe => {
                let place = |place| format!("({unix_seconds} - {IDS_SINCE}) / {place} % 62");
                let powers = (0..5).rev().map(|power| 62_u64.pow(power));
                let time =
                    powers.map(|power| digit(&place(power))).collect::<Vec<_>>().join(" || ");
                format!("'evt_3' || {time} || '{ACCOUNT}' || {}", random(8))
            }
            IdShape::Random => format!("'evt_' || {}", random(24)),
        }
    }
}

/// Makes deliveries.
pub struct Deliveries {
    sample: String,
}

impl Deliveries {
    /// Deliveries of variations of one sample.
    pub fn new() -> Result<Self, Failure> {
        let filler = "x".repeat(BODY_BYTES.saturating_sub(SAMPLE.len()));
        let sample = SAMPLE.replace(SAMPLE_TEXT, &format!("{SAMPLE_TEXT}{filler}"));
        if !sample.contains(SAMPLE_ID) || !sample.contains(SAMPLE_PAYMENT) {
            return Err("the sample has other ids than expected".into());
        }
        Ok(Self { sample })
    }

    /// The event `id`, of a payment of its own.
    pub fn body(&self, id: &str) -> String {
        self.sample.replace(SAMPLE_ID, id).replace(SAMPLE_PAYMENT, &payment_of(id))
    }

    /// The whole HTTP request that delivers the event `id`, signed now.
    pub fn request(&self, id: &str) -> Vec<u8> {
        self.signed(&self.body(id))
    }

    /// The same for an event that an operator is told of.
    pub fn dispute(&self) -> Vec<u8> {
        self.signed(DISPUTE)
    }

    /// The same, signed with a secret that nobody was given.
    pub fn forged(&self, id: &str) -> Vec<u8> {
        let body = self.body(id);
        delivery(&body, &events::signature_at(now(), OTHER_SECRET, &body))
    }

    /// The whole HTTP request that delivers `body`, signed now.
    pub fn signed(&self, body: &str) -> Vec<u8> {
        delivery(body, &events::signature(body))
    }
}

/// The payment that the event `id` tells of.
pub fn payment_of(id: &str) -> String {
    id.replacen("evt_", "pi_", 1)
}

/// The time, in Unix seconds.
pub fn now_seconds() -> u64 {
    now().unsigned_abs()
}

/// The last `places` digits of `number` to the base 62, in an order that sorts as numbers do.
fn base62(mut number: u64, places: usize) -> String {
    let mut text = vec!['0'; places];
    for place in text.iter_mut().rev() {
        let digit =
            usize::try_from(number % 62).ok().and_then(|digit| DIGITS.as_bytes().get(digit));
        *place = digit.copied().map_or('0', char::from);
        number /= 62;
    }
    text.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{IdShape, Ids, SAMPLE_ID, base62};

    #[test]
    fn digits_sort_as_their_numbers_do() {
        let texts = [0, 9, 10, 61, 62, 1_800_000_000].map(|number| base62(number, 6));
        assert!(texts.is_sorted(), "{texts:?}");
    }

    #[test]
    fn ids_are_as_long_as_stripes() {
        for shape in [IdShape::Stripe, IdShape::Random] {
            assert_eq!(Ids::new(shape, 1).draw().len(), SAMPLE_ID.len());
        }
    }
}
