use std::sync::Arc;

use portal_contract::FakeClock;
use portal_domain::alert::LikelyCause;
use portal_domain::signature::SignatureRefusal;
use portal_domain::{
    Alert, Clock as _, EnumWord, MatchedSecrets, Observe as _, Refusal, StoreError, Unavailable,
    UnixSeconds,
};

use super::Troubles;

/// The second from which the others are counted.
const BEGIN: i64 = 1_795_355_400;

const FORGED: Refusal = Refusal::Signature(SignatureRefusal::NoMatch);

struct Process {
    troubles: Troubles,
    clock: FakeClock,
}

impl Process {
    fn new() -> Self {
        let clock = FakeClock::default();
        Self { troubles: Troubles::new(Arc::new(clock.clone())), clock }
    }

    fn at(&self, second: i64) -> &Troubles {
        self.clock.set(BEGIN + second);
        &self.troubles
    }

    /// Raises and keeps at that second.
    fn raises(&self, second: i64) -> Vec<Alert> {
        let alerts = self.at(second).take(self.clock.now());
        self.troubles.stored();
        alerts
    }

    /// Returns the bursts that are raised if one forged delivery comes at each of those seconds.
    fn refusing(&self, seconds: impl IntoIterator<Item = i64>) -> Vec<(i64, u64)> {
        let mut raised = Vec::new();
        for second in seconds {
            self.at(second).refused(FORGED);
            for alert in self.raises(second) {
                let Alert::SignatureRefusals { count, .. } = alert else { panic!("{alert:?}") };
                raised.push((second, count));
            }
        }
        raised
    }
}

fn outage(reason: &str, began_at: i64, refused: u64) -> Vec<Alert> {
    vec![Alert::StoreUnavailable {
        reason: EnumWord::new(reason).unwrap(),
        began_at: UnixSeconds::new(BEGIN + began_at).unwrap(),
        refused,
        free_bytes: None,
    }]
}

#[test]
fn five_refusals_within_any_five_minutes_are_a_burst() {
    assert_eq!(Process::new().refusing([0, 60, 120, 180]), []);
    assert_eq!(Process::new().refusing([0, 60, 120, 180, 299]), [(299, 5)]);
    assert_eq!(Process::new().refusing([0, 60, 120, 180, 300]), []);
    assert_eq!(Process::new().refusing([0, 200, 260, 320, 380, 440]), [(440, 5)]);
}

#[test]
fn however_many_are_refused_a_burst_is_raised_once_a_minute() {
    assert_eq!(Process::new().refusing(0..130), [(4, 5), (64, 65), (124, 125)]);
}

#[test]
fn a_burst_is_not_raised_again_for_what_is_accepted() {
    let process = Process::new();
    assert_eq!(process.refusing([0, 1, 2, 3, 4]), [(4, 5)]);
    assert_eq!(process.raises(100), []);
}

#[test]
fn a_burst_that_the_store_did_not_take_is_raised_when_it_does() {
    let process = Process::new();
    for second in 0..5 {
        process.at(second).refused(FORGED);
    }
    assert_eq!(process.troubles.take(process.clock.now()).len(), 1);
    process.troubles.store_failed(&StoreError::Busy);
    let [Alert::SignatureRefusals { count: 5, .. }, Alert::StoreUnavailable { .. }] =
        &*process.raises(5)
    else {
        panic!("both are raised");
    };
}

#[test]
fn an_outage_is_raised_with_the_first_delivery_it_costs() {
    let process = Process::new();
    process.at(0).unavailable(&Unavailable::DeadlinePassed);
    assert_eq!(process.raises(0), outage("deadline_passed", 0, 1));
    assert_eq!(process.raises(1), []);
    process.at(59).unavailable(&Unavailable::Store(StoreError::Full));
    assert_eq!(process.raises(59), [], "it was just raised");
    process.at(60).unavailable(&Unavailable::Store(StoreError::Full));
    assert_eq!(process.raises(60), outage("store_full", 0, 3));
}

#[test]
fn an_outage_after_a_quiet_time_is_counted_anew() {
    let process = Process::new();
    process.at(0).unavailable(&Unavailable::QueueFull);
    assert_eq!(process.raises(0), outage("queue_full", 0, 1));
    process.at(121).unavailable(&Unavailable::QueueFull);
    assert_eq!(process.raises(121), outage("queue_full", 121, 1));
}

/// A delivery that is accepted proves the secret only if it comes after the refusals began.
#[test]
fn forged_deliveries_beside_accepted_ones_are_told_apart_from_a_wrong_secret() {
    let process = Process::new();
    let cause = |second| match &*process.raises(second) {
        [Alert::SignatureRefusals { count, accepted, cause, .. }] => (*count, *accepted, *cause),
        other => panic!("{other:?}"),
    };
    process.at(0).accepted(MatchedSecrets::from_number(1));
    for _ in 0..2000 {
        process.at(1).refused(FORGED);
    }
    assert_eq!(cause(1), (2000, 0, LikelyCause::WrongSecret));
    for second in 2..16 {
        process.at(second).accepted(MatchedSecrets::from_number(1));
    }
    process.at(61).refused(FORGED);
    assert_eq!(cause(61), (2001, 14, LikelyCause::Forged));
    // A delivery accepted before the first refusal that is left proves nothing any more.
    for second in 301..306 {
        process.at(second).refused(FORGED);
    }
    assert_eq!(cause(305), (6, 0, LikelyCause::WrongSecret));
}

#[test]
fn a_test_of_doctor_raises_nothing() {
    let process = Process::new();
    for second in 0..20 {
        process.at(second).refused(Refusal::Signature(SignatureRefusal::SelfTest));
        assert_eq!(process.raises(second), []);
    }
}

/// The reason of each line that was logged by its number, with that number.
fn counted(process: &Process, reason: &'static str, deliveries: usize) -> usize {
    (0..deliveries).filter(|_| process.troubles.logs_rejection(reason)).count()
}

#[test]
fn beyond_a_hundred_a_minute_rejected_deliveries_have_no_line_of_their_own() {
    let process = Process::new();
    process.at(0);
    assert_eq!(counted(&process, "no_match", 90), 90);
    process.at(59);
    assert_eq!(counted(&process, "no_header", 2000), 10);
    process.at(60);
    assert_eq!(counted(&process, "no_match", 101), 100);
    // The clock was set back.
    process.at(5);
    assert_eq!(counted(&process, "no_match", 101), 100);
}

#[test]
fn a_full_disk_is_told_with_the_room_that_is_left() {
    let clock = FakeClock::default();
    let troubles = Troubles::new(Arc::new(clock.clone())).with_free_space(|| Some(4096));
    let full = troubles.store_failed(&StoreError::Full);
    assert!(matches!(full, Some(Alert::StoreUnavailable { free_bytes: Some(4096), .. })));
    let busy = troubles.store_failed(&StoreError::Busy);
    assert!(matches!(busy, Some(Alert::StoreUnavailable { free_bytes: None, .. })));
}

#[test]
fn shutting_down_is_no_outage() {
    let process = Process::new();
    process.at(0).unavailable(&Unavailable::ShuttingDown);
    assert_eq!(process.raises(0), []);
}
