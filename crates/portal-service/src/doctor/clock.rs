//! This machine's clock compared with Stripe's: signatures are verified by it.

use std::cmp::Ordering;

use portal_domain::{Text, Tolerance, text};

use super::finding::{Check, CheckFinding, Level};
use super::rights::ProbedRead;

/// A difference of more than the tolerance divided by this is a warning, because a clock that
/// drifts keeps drifting.
const WARNING_PART: i64 = 10;

/// Compares the clock with the first answer of Stripe.
pub(super) fn judge(asked: &[ProbedRead], tolerance: Tolerance) -> CheckFinding {
    let seen = asked.iter().find_map(|it| {
        let fetched = it.answer.as_ref().ok()?;
        Some(fetched.clock_ahead(it.before, it.after))
    });
    match seen {
        Some(ahead) => of_difference(ahead, tolerance),
        None => CheckFinding::not_checked(
            Check::Clock,
            text!(
                "the clock cannot be compared: Stripe has not answered",
                "Stripe が応答しなかったため、時計を比べられません"
            ),
            super::first_solve_access(),
        ),
    }
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
        Ordering::Equal => text!(
            "this machine's clock agrees with Stripe's",
            "このマシンの時計は Stripe の時計と合っています"
        ),
        Ordering::Greater => text!(
            "this machine's clock is {difference} s ahead of Stripe's",
            "このマシンの時計は Stripe より {difference} 秒進んでいます"
        ),
        Ordering::Less => text!(
            "this machine's clock is {difference} s behind Stripe's",
            "このマシンの時計は Stripe より {difference} 秒遅れています"
        ),
    };
    match level {
        Level::Ok => CheckFinding::ok(Check::Clock, found),
        Level::Warning | Level::Wrong | Level::NotChecked => CheckFinding::to_do(
            Check::Clock,
            level,
            found.then(&text!(
                "signatures are refused beyond {tolerance} s",
                "{tolerance} 秒を超えてずれた署名は拒否されます"
            )),
            correct_clock(),
        ),
    }
}

/// Returns the advice for a clock that is wrong.
pub(super) fn correct_clock() -> Text {
    text!(
        "correct this machine's clock (timedatectl set-ntp true)",
        "このマシンの時計を合わせてください（timedatectl set-ntp true）"
    )
}

#[cfg(test)]
mod tests {
    use portal_domain::Tolerance;

    use super::super::finding::Level;
    use super::of_difference;

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
        let found = |ahead| of_difference(ahead, Tolerance::from_seconds(300).unwrap()).found.en;
        assert!(found(40).contains("40 s ahead"));
        assert!(found(-40).contains("40 s behind"));
    }
}
