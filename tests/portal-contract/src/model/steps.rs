//! The random steps.

use std::fmt;

use portal_domain::{Event, Payload};
use proptest::prelude::{BoxedStrategy, Just, Strategy as _};
use proptest::strategy::Union;
use proptest::{collection, option, sample};
use proptest_state_machine::ReferenceStateMachine;

use super::universe::events;
use crate::stripe::BEGIN;

/// A step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Records events in one write.
    Deliver(Vec<Sample>, Fate),
    /// Records an event whose changes the ledger refuses.
    DeliverDead(Sample, Fate),
    /// Fetches the objects of up to this number of events.
    Fetch(u32, Answer, Fate),
    /// Decides an event, or all, again, without writing yet.
    Decide(Option<sample::Index>),
    /// Writes all decisions so far, in one write.
    WriteDecided(Fate),
    /// Reprocesses an event, or all.
    Reprocess(Option<sample::Index>, Fate),
    /// Ignores an event, or all.
    Ignore(Option<sample::Index>, Fate),
    /// Moves the clock by this number of seconds, which may be negative.
    Clock(i64),
    /// Restarts the service.
    Restart,
}

/// One of the events of the universe.
#[derive(Clone, Copy)]
pub(super) struct Sample(usize);

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(event) = events().get(self.0) else { return Ok(()) };
        let facts = event.facts.as_ref().map(serde_json::to_string);
        let facts = facts.and_then(Result::ok).unwrap_or_default();
        let version = event.api_version.as_ref().map_or("", |it| it.as_str());
        let second = event.created.get() - BEGIN;
        write!(f, "{} {} of {version} at {second}: {facts}", event.id, event.event_type)
    }
}

/// The result of a call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The call is done and answered.
    Works,
    /// The call is done, but its answer is lost.
    AnswerLost,
    /// The call does nothing and fails.
    Fails,
}

/// Stripe's answer to a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The object.
    Object,
    /// A failure; the next attempt is this number of seconds later.
    Later(i64),
    /// The object does not exist.
    Missing,
    /// The object is not needed.
    Unneeded,
}

/// The type of the state machine: its steps do not depend on a state.
#[derive(Clone, Debug)]
pub(super) struct Plan;

impl Sample {
    /// Returns the event of the sample.
    pub(super) fn event(self) -> Option<&'static Event> {
        events().get(self.0)
    }
}

impl ReferenceStateMachine for Plan {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let fate = || {
            sample::select(vec![
                Fate::Works,
                Fate::Works,
                Fate::Works,
                Fate::AnswerLost,
                Fate::Fails,
            ])
        };
        let which = || option::weighted(0.7, proptest::arbitrary::any::<sample::Index>());
        let steps: [(u32, BoxedStrategy<Step>); 9] = [
            (14, (some_events(), fate()).prop_map(|(a, b)| Step::Deliver(a, b)).boxed()),
            (3, (an_event(), fate()).prop_map(|(a, b)| Step::DeliverDead(a, b)).boxed()),
            (4, (1..4_u32, answer(), fate()).prop_map(|(a, b, c)| Step::Fetch(a, b, c)).boxed()),
            (3, which().prop_map(Step::Decide).boxed()),
            (3, fate().prop_map(Step::WriteDecided).boxed()),
            (3, (which(), fate()).prop_map(|(a, b)| Step::Reprocess(a, b)).boxed()),
            (3, (which(), fate()).prop_map(|(a, b)| Step::Ignore(a, b)).boxed()),
            (3, (-50..150_i64).prop_map(Step::Clock).boxed()),
            (1, Just(Step::Restart).boxed()),
        ];
        Union::new_weighted(steps.into()).boxed()
    }

    fn apply(state: Self, _: &Step) -> Self {
        state
    }
}

fn answer() -> BoxedStrategy<Answer> {
    let other = sample::select(vec![Answer::Missing, Answer::Unneeded]);
    Union::new_weighted(vec![
        (4, Just(Answer::Object).boxed()),
        (2, (1..200_i64).prop_map(Answer::Later).boxed()),
        (1, other.boxed()),
    ])
    .boxed()
}

fn some_events() -> BoxedStrategy<Vec<Sample>> {
    collection::vec(an_event(), 1..4).boxed()
}

/// Draws an event. Thin ones are few, so they are drawn more often than by their number.
fn an_event() -> BoxedStrategy<Sample> {
    let all = events().iter().enumerate();
    let thin: Vec<_> = all.filter(|(_, it)| it.payload == Payload::Thin).map(|it| it.0).collect();
    let any = (0..events().len()).boxed();
    let event = Union::new_weighted(vec![(5, any), (1, sample::select(thin).boxed())]);
    event.prop_map(Sample).boxed()
}
