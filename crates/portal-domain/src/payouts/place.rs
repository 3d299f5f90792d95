//! The place of a donation's money: in a payout, in the balance, or somewhere that is named.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Serialize;
use strum::IntoStaticStr;

use super::{BalanceLine, Part, PayoutRow};
use crate::breakdown::{Portion, SharedPayment};
use crate::donation::{Donation, DonationState};
use crate::ids::{Currency, ObjectId};
use crate::stripe::Window;
use crate::time::UnixSeconds;

/// A charge has its line within an hour of being captured
/// (<https://docs.stripe.com/payments/payment-intents/asynchronous-capture>); a donation without one
/// is missed after so long.
pub const NOT_SEEN_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The place of a donation's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MoneyPlace {
    InPayout,
    /// Its line is in no payout yet, or its payout came back and was not made up for.
    InBalance,
    /// Payouts by hand take money from the account, and nobody knows which.
    InAccount,
    /// It was paid days ago, and Stripe shows no line for it.
    NotSeen,
    /// Two later payouts did not take it along.
    LeftBehind,
    /// It was paid outside Stripe.
    Outside,
    /// It is older than what was read of the balance.
    BeforeTheFirstRead,
}

named!(MoneyPlace);

/// A line of a donation, with the payout that lists it. A shared payment's line is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyLine {
    pub line: BalanceLine,
    /// The payout with the line; of several the last.
    pub payout: Option<ObjectId>,
    /// Its payment, if other donations have a part of it.
    pub shared: Option<SharedPayment>,
}

/// The money that a donation brought to the balance, and its place. Amounts are in minor units of the
/// balance's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DonationMoney {
    /// `None` if no line is known, or if the lines are of several currencies.
    pub balance_currency: Option<Currency>,
    pub balance_amount: Option<i64>,
    pub fee: Option<i64>,
    pub fee_tax: Option<i64>,
    /// The sum of all lines of its payments, refunds and disputes; it may be below zero.
    pub balance_net: Option<i64>,
    /// `None` if it is not paid.
    #[serde(rename = "where")]
    pub place: Option<MoneyPlace>,
    pub payout: Option<ObjectId>,
}

/// A donation with what it brought: a line of the lists of donations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountedDonation {
    #[serde(flatten)]
    pub donation: Donation,
    #[serde(flatten)]
    pub money: DonationMoney,
}

/// The payouts of one currency and mode, as far as places depend on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayoutHistory {
    /// True if any payout was made by the schedule.
    pub has_automatic: bool,
    /// The time of the last payout by hand.
    pub last_manual: Option<UnixSeconds>,
    /// The time of the last but one of the automatic payouts whose lines were read.
    pub last_but_one: Option<UnixSeconds>,
}

/// The knowledge that a place follows from.
#[derive(Clone, Copy)]
pub struct PlaceContext<'w> {
    /// The time in which all lines are known; `None` before the first reading.
    pub known: Option<Window>,
    /// The payouts that were made, by currency.
    pub history: &'w BTreeMap<Currency, PayoutHistory>,
    /// The payouts of the lines, and those that paid out again what came back.
    pub payouts: &'w BTreeMap<ObjectId, PayoutRow>,
    pub now: UnixSeconds,
}

/// The most payouts in a row that come back before one arrives.
pub(super) const RETURNS_MAX: usize = 20;

impl DonationMoney {
    /// Adds up the lines of a donation, of a shared payment its part, and finds its place.
    #[must_use]
    pub fn of(donation: &Donation, lines: &[MoneyLine], context: PlaceContext<'_>) -> Self {
        let first = lines.first().map(|it| &it.line.currency);
        let currency = first.filter(|first| lines.iter().all(|it| it.line.currency == **first));
        let charged = sum(donation, lines, charged);
        let came_back = sum(donation, lines, came_back);
        let fee = sum(donation, lines, |it| it.fee);
        let fee_tax = sum(donation, lines, |it| it.fee_tax);
        let (place, payout) = place(donation, lines, context).unzip();
        Self {
            balance_currency: currency.cloned(),
            balance_amount: currency.map(|_| charged),
            fee: currency.map(|_| fee),
            fee_tax: currency.map(|_| fee_tax),
            balance_net: currency.map(|_| charged + came_back - fee),
            place,
            payout: payout.flatten(),
        }
    }
}

fn is_charge(line: &BalanceLine) -> bool {
    line.part() == Some(Part::Donations)
}

/// Adds up one amount of the lines. Of a shared payment the sum is divided, not each line: nothing is
/// rounded twice.
fn sum(donation: &Donation, lines: &[MoneyLine], amount: fn(&BalanceLine) -> i64) -> i64 {
    let mut of_payments = BTreeMap::<_, (i64, _)>::new();
    for it in lines {
        of_payments.entry(it.line.payment()).or_insert((0, &it.shared)).0 += amount(&it.line);
    }
    let part = |(whole, shared): &(i64, &Option<SharedPayment>)| match shared {
        Some(it) => Portion::of(&donation.id, it).part_of(*whole),
        None => *whole,
    };
    of_payments.values().map(part).sum()
}

fn charged(line: &BalanceLine) -> i64 {
    if is_charge(line) { line.amount } else { 0 }
}

/// The part of a line that came back or went out beside its payments.
fn came_back(line: &BalanceLine) -> i64 {
    line.net + line.fee - charged(line)
}

fn place(
    donation: &Donation,
    lines: &[MoneyLine],
    context: PlaceContext<'_>,
) -> Option<(MoneyPlace, Option<ObjectId>)> {
    if donation.state != DonationState::Paid {
        return None;
    }
    if donation.out_of_band {
        return Some((MoneyPlace::Outside, None));
    }
    // Of several payments the last one shows where the donation is.
    let charges = lines.iter().filter(|it| is_charge(&it.line) && it.line.amount > 0);
    let Some(last) = charges.max_by_key(|it| (it.line.created, &it.line.id)) else {
        let place = match context.known {
            Some(known) if donation.at >= known.since => {
                let is_late = context.now.since(donation.at) > NOT_SEEN_AFTER.as_secs();
                // Until then its line may still show up.
                if is_late && donation.at < known.until {
                    MoneyPlace::NotSeen
                } else {
                    MoneyPlace::InBalance
                }
            }
            _ => MoneyPlace::BeforeTheFirstRead,
        };
        return Some((place, None));
    };
    Some(match &last.payout {
        Some(payout) => match arrived(payout, context) {
            Some(payout) => (MoneyPlace::InPayout, Some(payout)),
            None => (MoneyPlace::InBalance, None),
        },
        None => (in_no_payout(&last.line, context), None),
    })
}

/// Returns the payout in which the money of `payout` is now: itself, or where it came back, the one
/// that paid it out again; `None` if none has.
fn arrived(payout: &ObjectId, context: PlaceContext<'_>) -> Option<ObjectId> {
    let mut id = payout;
    for _ in 0..RETURNS_MAX {
        match context.payouts.get(id) {
            Some(row) if row.payout.status.is_returned() => id = row.returned_by.as_ref()?,
            _ => return Some(id.clone()),
        }
    }
    None
}

fn in_no_payout(line: &BalanceLine, context: PlaceContext<'_>) -> MoneyPlace {
    let history = context.history.get(&line.currency).copied().unwrap_or_default();
    let available = line.available_on;
    if history.last_manual.is_some_and(|it| it >= available || !history.has_automatic) {
        MoneyPlace::InAccount
    } else if history.last_but_one.is_some_and(|it| it > available) {
        MoneyPlace::LeftBehind
    } else {
        MoneyPlace::InBalance
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BalanceLine, DonationMoney, MoneyLine, MoneyPlace, PayoutHistory, PlaceContext};
    use crate::breakdown::{LinkRow, SharedPayment};
    use crate::donation::{Donation, DonationState, Kind};
    use crate::ids::{Currency, ObjectId};
    use crate::stripe::Window;
    use crate::time::UnixSeconds;

    const DAY: i64 = 86_400;

    fn at(day: i64) -> UnixSeconds {
        UnixSeconds::new(day * DAY).unwrap()
    }

    /// Returns a donation of 5,000 yen that was paid on the hundredth day.
    fn donation() -> Donation {
        Donation {
            id: ObjectId::new("pi_1").unwrap(),
            kind: Kind::OneTime,
            state: DonationState::Paid,
            currency: Currency::new("jpy").unwrap(),
            amount: 5000,
            refunded: 0,
            lost: 0,
            net: 5000,
            dispute: None,
            provisional: false,
            out_of_band: false,
            livemode: true,
            paid_at: Some(at(100)),
            at: at(100),
        }
    }

    /// Returns its line, which is available on the hundred and fourth day.
    fn line() -> MoneyLine {
        let json = r#"{"id": "txn_1", "type": "charge", "reporting_category": "charge",
            "currency": "jpy", "amount": 5000, "fee": 180, "net": 4820, "created": 8640000,
            "available_on": 8985600, "source": {"id": "ch_1", "object": "charge",
            "amount": 5000, "payment_intent": "pi_1", "currency": "jpy"}}"#;
        MoneyLine { line: BalanceLine::read(json, true).unwrap().0, payout: None, shared: None }
    }

    fn place(
        donation: &Donation,
        lines: &[MoneyLine],
        known: Option<Window>,
        history: PayoutHistory,
        day: i64,
    ) -> Option<MoneyPlace> {
        let history = BTreeMap::from([(donation.currency.clone(), history)]);
        let context =
            PlaceContext { known, history: &history, payouts: &BTreeMap::new(), now: at(day) };
        DonationMoney::of(donation, lines, context).place
    }

    #[test]
    fn a_donation_without_a_line_is_missed_after_three_days_and_only_where_lines_were_read() {
        let known = |since, until| Some(Window { since: at(since), until: at(until) });
        let after = |known, day| place(&donation(), &[], known, PayoutHistory::default(), day);
        assert_eq!(after(None, 110), Some(MoneyPlace::BeforeTheFirstRead));
        assert_eq!(after(known(101, 110), 110), Some(MoneyPlace::BeforeTheFirstRead));
        assert_eq!(after(known(90, 110), 103), Some(MoneyPlace::InBalance));
        assert_eq!(after(known(90, 110), 104), Some(MoneyPlace::NotSeen));
        assert_eq!(after(known(90, 95), 104), Some(MoneyPlace::InBalance), "not read so far");
    }

    #[test]
    fn money_in_no_payout_is_where_the_payouts_that_were_made_leave_it() {
        let of = |has_automatic, last_manual: Option<i64>, last_but_one: Option<i64>| {
            let (last_manual, last_but_one) = (last_manual.map(at), last_but_one.map(at));
            let history = PayoutHistory { has_automatic, last_manual, last_but_one };
            place(&donation(), &[line()], None, history, 200)
        };
        assert_eq!(of(false, None, None), Some(MoneyPlace::InBalance));
        assert_eq!(of(false, Some(90), None), Some(MoneyPlace::InAccount), "all are by hand");
        assert_eq!(of(true, Some(104), None), Some(MoneyPlace::InAccount));
        assert_eq!(of(true, Some(103), None), Some(MoneyPlace::InBalance), "it was not there yet");
        assert_eq!(of(true, None, Some(104)), Some(MoneyPlace::InBalance));
        assert_eq!(of(true, None, Some(105)), Some(MoneyPlace::LeftBehind));
    }

    #[test]
    fn a_shared_payment_is_divided_to_the_last_unit_and_each_part_adds_up() {
        let links = [("in_a", 1667), ("in_b", 0), ("in_c", 1666)];
        let links = links.map(|(invoice, share)| LinkRow {
            payment: ObjectId::new("pi_1").unwrap(),
            invoice: ObjectId::new(invoice).unwrap(),
            share,
        });
        let shared = Some(SharedPayment { amount: 5000, links: links.to_vec() });
        let lines = [MoneyLine { shared, ..line() }];
        let parts = links.map(|it| {
            let donation = Donation { id: it.invoice, ..donation() };
            let context = PlaceContext {
                known: None,
                history: &BTreeMap::new(),
                payouts: &BTreeMap::new(),
                now: at(200),
            };
            let it = DonationMoney::of(&donation, &lines, context);
            [it.balance_amount, it.fee, it.balance_net].map(Option::unwrap)
        });
        assert_eq!(parts, [[1667, 60, 1607], [1667, 60, 1607], [1666, 60, 1606]]);
    }

    #[test]
    fn only_a_paid_donation_of_stripe_has_a_place() {
        let of = |donation: Donation| place(&donation, &[], None, PayoutHistory::default(), 200);
        assert_eq!(of(Donation { state: DonationState::Pending, ..donation() }), None);
        let outside = Donation { out_of_band: true, ..donation() };
        assert_eq!(of(outside), Some(MoneyPlace::Outside));
    }
}
