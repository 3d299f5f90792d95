//! Reduces lines that add up to more than counts.

use super::{CountedReason, DonationLine};

/// Limits the sum of the lines to `most`; the first lines take precedence.
pub(super) fn cap(lines: &mut [DonationLine], most: i64) {
    let sum: i64 = lines.iter().map(|it| it.counted).sum();
    if sum <= most {
        return;
    }
    // A negative line leaves room for more positive ones.
    let mut room = most - lines.iter().map(|it| it.counted.min(0)).sum::<i64>();
    for line in lines.iter_mut().filter(|it| it.counted > 0) {
        let counted = line.counted.min(room);
        room -= counted;
        if counted < line.counted {
            (line.counted, line.reason) = (counted, Some(CountedReason::AtMostGiven));
        }
    }
}

/// Divides `share` among the lines in proportion, so that their sum is exact to the last unit.
pub(super) fn divide(lines: &mut [DonationLine], share: i64) {
    let whole: i128 = lines.iter().map(|it| i128::from(it.counted)).sum();
    if whole == 0 || whole == i128::from(share) {
        return;
    }
    let (mut up_to, mut before) = (0_i128, 0);
    for line in lines.iter_mut().filter(|it| it.counted != 0) {
        up_to += i128::from(line.counted);
        let part = (i128::from(share) * up_to).div_euclid(whole);
        // Amounts have at most twelve digits, and so have their parts.
        let counted = i64::try_from(part - before).unwrap_or(line.counted);
        before = part;
        if counted != line.counted {
            (line.counted, line.reason) = (counted, Some(CountedReason::Share));
        }
    }
}
