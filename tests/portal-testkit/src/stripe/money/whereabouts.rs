//! The place of each donation's money after the stories.

use super::payments::return_id;
use crate::stripe::account::Account;
use crate::stripe::balance::Line;
use crate::stripe::object::{Object, ObjectKind};
use crate::stripe::time::DAY;

/// The time after which a payment should have its line.
const SEEN_SECONDS: i64 = 3 * DAY;

/// The money of one paid donation, in minor units of the balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The donation's id.
    pub id: String,
    /// `None` if no line of it is known.
    pub currency: Option<&'static str>,
    /// The sum of its payments.
    pub amount: i64,
    /// The sum of all fees, with their taxes.
    pub fee: i64,
    pub fee_tax: i64,
    /// The sum of all lines of its payments, refunds and disputes.
    pub net: i64,
    pub place: Place,
    /// The payout that its last payment is in, for [`Place::InPayout`].
    pub payout: Option<String>,
}

/// The place of a donation's last payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a payout that has a list of lines and was not returned.
    InPayout,
    InBalance,
    /// In the account, which is paid out by hand.
    InAccount,
    /// Without a line for more than three days.
    NotSeen,
    /// Without a line, for less.
    NotSeenYet,
    /// Available, and in neither of two later automatic payouts.
    LeftBehind,
    /// Paid outside Stripe.
    Outside,
}

impl Account {
    /// Returns the place of the money of all donations that are paid at that time, in the order of
    /// their ids. A payment for several donations is divided among them as a refund of it is.
    #[must_use]
    pub fn whereabouts(&self, now: i64) -> Vec<Whereabouts> {
        let paid = self.donations(now).into_iter().filter(|it| it.paid_at.is_some());
        paid.map(|it| self.whereabouts_of(&it.id, now)).collect()
    }

    fn whereabouts_of(&self, id: &str, now: i64) -> Whereabouts {
        let mut all = Whereabouts {
            currency: None,
            amount: 0,
            fee: 0,
            fee_tax: 0,
            net: 0,
            place: Place::Outside,
            payout: None,
            id: id.to_owned(),
        };
        for (payment, money) in self.money_for(id, now) {
            let is_of = |it: &&Line| it.payment.as_deref() == Some(payment) && it.is_listed(now);
            let lines: Vec<_> = self.balance.lines.oldest_first().filter(is_of).collect();
            let sum = |amount: fn(&Line) -> i64| {
                money.part_of(id, lines.iter().map(|it| amount(it)).sum())
            };
            all.currency = all.currency.or_else(|| lines.first().map(|it| it.currency));
            let charged = sum(|it| if is_charge(it) { it.amount } else { 0 });
            let came_back = sum(|it| if is_charge(it) { 0 } else { it.amount });
            let fee = sum(|it| it.fee);
            all.amount += charged;
            all.fee += fee;
            all.fee_tax += sum(|it| it.fee_tax);
            all.net += charged + came_back - fee;
            let charge = lines.into_iter().find(|it| it.is_about(ObjectKind::Charge));
            (all.place, all.payout) = match charge {
                Some(line) => self.place_of(line, now),
                None if money.out_of_band => (Place::Outside, None),
                None if money.paid_at + SEEN_SECONDS < now => (Place::NotSeen, None),
                None => (Place::NotSeenYet, None),
            };
        }
        all
    }

    fn place_of(&self, line: &Line, now: i64) -> (Place, Option<String>) {
        let mut listed_in = self.payout_of(line, now);
        if listed_in.is_none() {
            return (self.place_without_payout(line, now), None);
        }
        while let Some(payout) = listed_in {
            if !matches!(payout.status, "failed" | "canceled") {
                return (Place::InPayout, Some(payout.id.clone()));
            }
            let returned = self.balance.lines.get(&return_id(&payout.id));
            listed_in = returned.and_then(|it| self.payout_of(it, now));
        }
        (Place::InBalance, None)
    }

    fn place_without_payout(&self, line: &Line, now: i64) -> Place {
        let later = |it: &&Object| it.created > line.available_on;
        let (by_hand, automatic): (Vec<_>, Vec<_>) =
            self.payouts(line.currency, now).partition(|it| it.is_by_hand());
        // Money that is available from a second on may be taken in that second.
        let took = |it: &&Object| it.created >= line.available_on;
        if by_hand.iter().any(took) || automatic.is_empty() && !by_hand.is_empty() {
            return Place::InAccount;
        }
        if automatic.iter().filter(|it| it.reconciled && later(it)).count() >= 2 {
            return Place::LeftBehind;
        }
        Place::InBalance
    }
}

fn is_charge(line: &Line) -> bool {
    line.kind.part == Some("donations")
}
