//! A story of many payouts, drawn from a seed.

use super::CLOVER;
use super::account::{Account, Release, Verdict};
use super::money::Schedule;
use super::time::DAY;

/// The days of one account.
pub const PAYOUT_STORY_DAYS: i64 = 100;

/// Returns an account of the hundred days before `end` (Unix seconds).
///
/// It has payouts of every kind: by the week or month, by hand, at once, failed, canceled, with a
/// minimum, reserves and conversion. The same seed makes the same account.
#[must_use]
pub fn payout_story(seed: u64, end: i64) -> Account {
    let begin = end - PAYOUT_STORY_DAYS * DAY;
    let mut draws = Draws::new(seed);
    let mut account = Account::live(CLOVER);
    account.balance.opening = draws.below(2) * 12_345;
    account.balance.minimum = draws.below(2) * 3000;
    account.balance.debits_bank = draws.below(2) == 0;
    account.balance.lines_after = Some(41).filter(|_| seed.is_multiple_of(2));
    account.balance.currencies = if draws.below(2) == 0 { &["jpy"] } else { &["jpy", "usd"] };
    for _ in 0..40 {
        give(&mut account, &mut draws, begin);
    }
    for month in 0..3 {
        account.stripe_fee(begin + month * 30 * DAY, 420, 42);
    }
    account.reserve(begin + 30 * DAY, 2000);
    account.release_reserve(begin + 60 * DAY, 1500);
    account.out_of_band(begin, 1000, "jpy");
    let by_hand_until = begin + draws.below(2) * 30 * DAY;
    for day in (0..by_hand_until - begin).step_by(10 * 86_400) {
        let at = begin + day;
        let (available, _) = account.balance_at("jpy", at);
        if available > 1000 {
            let half = account.pay_out_by_hand(at, available / 2, "jpy");
            account.pay_out_at_once(at, available / 4, "jpy");
            if draws.below(3) == 0 {
                account.cancel_payout(&half, at + 60);
            }
        }
    }
    let schedule = if draws.below(2) == 0 { Schedule::Weekly } else { Schedule::Monthly };
    let middle = begin + 60 * DAY;
    for payout in account.pay_out_on(schedule, by_hand_until, middle) {
        if draws.below(3) == 0 {
            account.fail_payout(&payout, middle, "account_closed");
        }
    }
    account.pay_out_on(schedule, middle, end);
    account
}

/// Tells the story of one gift.
fn give(account: &mut Account, draws: &mut Draws, begin: i64) {
    let at = begin + draws.below((PAYOUT_STORY_DAYS - 20) * DAY);
    let (amount, later) = (100 + draws.below(20_000), at + DAY + draws.below(10 * DAY));
    let currency = match draws.below(4) {
        0 | 1 => "jpy",
        2 => "usd",
        _ => "eur",
    };
    let payment = match draws.below(6) {
        0 => account.one_time_by_jcb(at, amount),
        1 => account.konbini(at, Some(at + 3600), amount),
        2 => account.subscription_payment(at, amount, currency).payment_intent,
        3 => {
            let held = account.hold(at, amount, currency);
            let release = if amount % 2 == 0 { Release::Refund } else { Release::Charge };
            account.capture(&held, at + 60, amount / 2, release);
            held
        }
        4 => {
            let [first, second] = [1, 2].map(|_| account.open_invoice(at, amount, currency));
            account.pay_invoices(at + 60, &[(&first, amount / 3), (&second, amount)])
        }
        _ => account.one_time(at, amount, currency),
    };
    match draws.below(8) {
        0 => {
            account.refund(&payment, later, amount / 4);
        }
        1 => {
            let refund = account.refund(&payment, later, amount / 4);
            account.fail_refund(&refund, later + DAY);
        }
        2 => {
            let dispute = account.dispute(&payment, later);
            account.close_dispute(&dispute, later + DAY, Verdict::Won);
        }
        3 => {
            let dispute = account.dispute(&payment, later);
            account.close_dispute(&dispute, later + DAY, Verdict::Lost);
        }
        _ => {}
    }
}

/// Draws numbers that are the same for the same seed.
pub struct Draws(u64);

impl Draws {
    /// Starts with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number from 0 to below `end`.
    pub fn below(&mut self, end: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).cast_signed() % end
    }
}
