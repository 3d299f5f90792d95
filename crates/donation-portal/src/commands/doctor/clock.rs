//! This machine's clock compared with Stripe's: signatures are verified by it.

use std::cmp::Ordering;

use portal_domain::{Tolerance, UnixSeconds};

use super::finding::{Check, CheckFinding, Level};
use super::rights::ProbedRead;

/// A difference of more than the tolerance divided by this is a warning, because a clock that
/// drifts keeps drifting.
const WARNING_PART: i64 = 10;

/// Compares the clock with the first answer of Stripe.
pub(super) fn judge(asked: &[ProbedRead], tolerance: Tolerance) -> CheckFinding {
    let seen = asked.iter().find_map(|it| {
        let fetched = it.answer.as_ref().ok()?;
        Some(ahead(it.before, fetched.at, it.after))
    });
    match seen {
        Some(ahead) => of_difference(ahead, tolerance),
        None => CheckFinding::not_checked(
            Check::Clock,
            "the clock cannot be compared: Stripe has not answered",
            "first see to what `key` and `rights` say above",
        ),
    }
}

/// Returns the seconds that this machine's clock is certainly ahead: Stripe answered at a moment
/// between `before` and `after`.
fn ahead(before: UnixSeconds, at: UnixSeconds, after: UnixSeconds) -> i64 {
    if at < before { before.since(at) } else { at.since(after).max(0).saturating_neg() }
}

fn of_difference(ahead: i64, tolerance: Tolerance) -> CheckFinding {
    let tolerance = tolerance.seconds();
    let difference = ahead.saturating_abs();
    let level = if difference > tolerance {
        Level::Wrong
    } else if difference.saturating_mul(WARNING_PART) > tolerance {
        Level::Warning
    } else {
        Level::Ok
    };
    let found = match ahead.cmp(&0) {
        Ordering::Equal => "this machine's clock agrees with Stripe's".to_owned(),
        Ordering::Greater => format!("this machine's clock is {difference} s ahead of Stripe's"),
        Ordering::Less => format!("this machine's clock is {difference} s behind Stripe's"),
    };
    match level {
        Level::Ok => CheckFinding::ok(Check::Clock, found),
        Level::Warning | Level::Wrong | Level::NotChecked => CheckFinding::to_do(
            Check::Clock,
            level,
            format_args!("{found}; signatures are refused beyond {tolerance} s"),
            "correct this machine's clock (timedatectl set-ntp true)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{Tolerance, UnixSeconds};

    use super::super::finding::Level;
    use super::{ahead, of_difference};

    #[test]
    fn only_what_is_certain_counts() {
        let at = |second| UnixSeconds::new(second).unwrap();
        let ahead = |before, stripe, after| ahead(at(before), at(stripe), at(after));
        assert_eq!(ahead(100, 105, 110), 0);
        assert_eq!(ahead(100, 110, 110), 0);
        assert_eq!(ahead(100, 93, 110), 7);
        assert_eq!(ahead(100, 130, 110), -20);
    }

    #[test]
    fn a_tenth_of_the_tolerance_is_a_warning_and_all_of_it_is_wrong() {
        let tolerance = Tolerance::from_seconds(300).unwrap();
        for (ahead, level) in [
            (0, Level::Ok),
            (30, Level::Ok),
            (31, Level::Warning),
            (-31, Level::Warning),
            (300, Level::Warning),
            (301, Level::Wrong),
            (-301, Level::Wrong),
            (i64::MIN, Level::Wrong),
        ] {
            assert_eq!(of_difference(ahead, tolerance).level, level, "{ahead}");
        }
    }

    #[test]
    fn the_direction_of_the_difference_is_named() {
        let found = |ahead| of_difference(ahead, Tolerance::from_seconds(300).unwrap()).found;
        assert!(found(40).contains("40 s ahead"));
        assert!(found(-40).contains("40 s behind"));
    }
}
