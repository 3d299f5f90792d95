//! The steps that chance takes.

use std::fmt;

use portal_domain::{Event, Payload};
use proptest::prelude::{BoxedStrategy, Just, Strategy as _};
use proptest::strategy::Union;
use proptest::{collection, option, sample};
use proptest_state_machine::ReferenceStateMachine;

use super::universe::events;
use crate::stripe::BEGIN;

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Stripe delivers events, in one write.
    Deliver(Vec<Sample>, Fate),
    /// Stripe delivers an event whose changes the ledger does not take.
    DeliverDead(Sample, Fate),
    /// The objects of up to so many events that await them are asked for.
    Fetch(u32, Answer, Fate),
    /// An operator decides anew about an event, or about all, and takes time to say so.
    Decide(Option<sample::Index>),
    /// All that was decided so far is written, in one write.
    WriteDecided(Fate),
    /// An operator decides anew about an event, or about all, and it is written.
    Reprocess(Option<sample::Index>, Fate),
    /// An operator gives an event, or all, no effect.
    Ignore(Option<sample::Index>, Fate),
    /// The clock moves, maybe backwards.
    Clock(i64),
    /// The service ends and starts again.
    Restart,
}

/// One of the events that there are.
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

/// The fate of a call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is done and answered.
    Works,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// Nothing is done.
    Fails,
}

/// Stripe's answer when it is asked for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The object.
    Object,
    /// Not now; again so many seconds later.
    Later(i64),
    /// There is none.
    Missing,
    /// It is not needed.
    Unneeded,
}

/// The steps are made from nothing; their effect is up to the store and the model.
#[derive(Clone, Debug)]
pub(super) struct Plan;

impl Sample {
    /// The event that Stripe tells.
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

/// Thin ones are few among all, and are to be met.
fn an_event() -> BoxedStrategy<Sample> {
    let all = events().iter().enumerate();
    let thin: Vec<_> = all.filter(|(_, it)| it.payload == Payload::Thin).map(|it| it.0).collect();
    let any = (0..events().len()).boxed();
    let event = Union::new_weighted(vec![(5, any), (1, sample::select(thin).boxed())]);
    event.prop_map(Sample).boxed()
}
