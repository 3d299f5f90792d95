//! The sums of a period, added up from those of its days.

use portal_domain::figures::DayFigures;
use portal_domain::{Total, UnixSeconds};

use crate::sum_table::MoneySums;

/// Returns the sums of the days of one mode within a period, by currency and kind, in that order.
pub(super) fn sums(
    days: &[DayFigures],
    [since, until]: [UnixSeconds; 2],
    livemode: bool,
) -> MoneySums {
    let mut certain: Vec<Total> = Vec::new();
    let within = days.iter().filter(|it| it.since >= since && it.until <= until);
    for total in within.flat_map(|it| &it.totals).filter(|it| it.livemode == livemode) {
        let same = |it: &&mut Total| (&it.currency, it.kind) == (&total.currency, total.kind);
        match certain.iter_mut().find(same) {
            Some(sum) => add(sum, total),
            None => certain.push(total.clone()),
        }
    }
    let order = |it: &Total| (it.currency.as_str().to_owned(), it.kind.name());
    certain.sort_by_key(order);
    MoneySums { certain, provisional: Vec::new() }
}

fn add(sum: &mut Total, of_day: &Total) {
    sum.count = sum.count.saturating_add(of_day.count);
    for (sum, of_day) in [
        (&mut sum.gross, of_day.gross),
        (&mut sum.refunded, of_day.refunded),
        (&mut sum.lost, of_day.lost),
        (&mut sum.net, of_day.net),
    ] {
        *sum = sum.saturating_add(of_day);
    }
}
