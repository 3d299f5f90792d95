//! A month of sample donations, so that the console of `dev` has something to show.

use std::sync::Arc;

use bytes::Bytes;
use portal_domain::{
    Entry, Event, Secret, Secrets, Store, Text, Tolerance, UnixSeconds, sign, text, verify,
};

use crate::commands::finish;
use crate::exit::Failure;
use crate::samples::{INVOICE, PAYMENT, REFUND, SESSION, Sample, SampleRun};

/// The days before today that have donations.
const DAYS: i64 = 30;

const DAY_SECONDS: i64 = 24 * 3600;

/// The amounts of one-time donations in yen, in turn.
const ONE_TIME_YEN: [i64; 5] = [3000, 1000, 10_000, 5000, 30_000];

/// The amount of the samples in yen.
const SAMPLE_YEN: i64 = 5000;

/// The number by which sample events of the month begin: that of the first start's own are lower.
const FIRST_NUMBER: u64 = 1000;

/// An event of the month.
struct MonthEvent {
    sample: Sample,
    payment: u64,
    at: UnixSeconds,
    yen: i64,
}

/// Records the events of a month of donations, as if Stripe had delivered each when it happened;
/// returns the number of donations.
pub(crate) fn record_month(
    store: &dyn Store,
    run: &SampleRun,
    secret: &Secret,
    now: UnixSeconds,
) -> Result<u64, Failure> {
    let secrets = Secrets::of(secret.clone());
    let events = month(now);
    let mut entries = Vec::new();
    for (number, event) in (FIRST_NUMBER..).zip(&events) {
        let body = run.body(event.sample, number, event.payment, event.at);
        let body = body.replace(&format!(": {SAMPLE_YEN},"), &format!(": {},", event.yen));
        let signature = sign(secret, event.at, body.as_bytes());
        let could_not = |why: &dyn std::fmt::Display| {
            Failure::could_not(text!("make a sample", "サンプルを作成できません"), Text::same(why))
        };
        let body = Bytes::from(body);
        let verified = verify([signature.as_bytes()], body, &secrets, Tolerance::DEFAULT, event.at)
            .map_err(|why| could_not(&why))?;
        let event = Event::read(&verified, event.at).map_err(|why| could_not(&why))?;
        entries.push(Arc::new(Entry::decide(event)));
    }
    let recording = text!("record the samples", "サンプルを記録できません");
    finish(recording, store.record(&entries, now))?;
    let donations =
        events.iter().filter(|it| [PAYMENT.name, INVOICE.name].contains(&it.sample.name));
    Ok(donations.count() as u64)
}

/// Returns the events of the days before `now`, in time order: one or two one-time donations on most
/// days, recurring ones in the middle of the month, and a refund.
fn month(now: UnixSeconds) -> Vec<MonthEvent> {
    let mut events = Vec::new();
    let mut payment = FIRST_NUMBER;
    for day in (1..=DAYS).rev() {
        let mut add = |samples: &[Sample], hour: i64, yen| {
            payment += 1;
            let at = UnixSeconds::new(now.get() - day * DAY_SECONDS + hour * 3600);
            let told = samples.iter().zip(at.iter().cycle());
            events.extend(told.map(|(sample, at)| MonthEvent {
                sample: *sample,
                payment,
                at: *at,
                yen,
            }));
        };
        for gift in 0..day % 3 {
            let yen = ONE_TIME_YEN.iter().cycle().nth(usize::try_from(day + gift).unwrap_or(0));
            let yen = yen.copied().unwrap_or(SAMPLE_YEN);
            let samples = [PAYMENT, SESSION, REFUND];
            let samples = if day == 8 && gift == 0 { &samples[..] } else { &samples[..2] };
            add(samples, 3 * gift, yen);
        }
        for gift in 0..i64::from((14..=17).contains(&day)) * 3 {
            add(&[INVOICE], 6 + gift, SAMPLE_YEN);
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use portal_domain::UnixSeconds;

    use super::month;

    #[test]
    fn the_month_is_over_before_now() {
        let now = UnixSeconds::new(1_795_355_400).unwrap();
        let events = month(now);
        assert!(events.len() > 60, "{}", events.len());
        assert!(events.iter().all(|it| it.at < now));
        assert!(events.is_sorted_by_key(|it| it.at.get() / 86_400));
    }
}
