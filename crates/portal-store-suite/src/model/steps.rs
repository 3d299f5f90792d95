//! The steps that chance takes.

use std::fmt;
use std::sync::Arc;

use portal_domain::{Event, Payload, Remedy};
use proptest::prelude::{BoxedStrategy, Just, Strategy as _};
use proptest::strategy::Union;
use proptest::{collection, sample};
use proptest_state_machine::ReferenceStateMachine;

use super::universe::events;
use crate::stripe::BEGIN;

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Stripe delivers events, in one write.
    Deliver(Vec<Sample>, Fate),
    /// A settler claims up to so many events.
    Claim(u32),
    /// A settler claims all that is due, and dies or is told that it failed.
    ClaimInVain(Fate),
    /// Everything that was claimed and is still in somebody's hands is settled, in one write.
    SettleAll(Fate),
    /// One of the claims is settled.
    Settle(sample::Index, Fate),
    /// One of the claims is put off for so many seconds.
    PutOff(sample::Index, i64),
    /// Whoever holds claims dies.
    Die,
    /// The service settles what is due.
    SettleDue(u32),
    /// The objects of up to so many events that wait are asked for.
    Fetch(u32, Answer, Fate),
    /// The clock moves, maybe backwards.
    Clock(i64),
    /// An operator does something about an event, or about all.
    Apply(Remedy, Option<sample::Index>, Fate),
    /// The service ends and starts again.
    Restart,
}

/// One of the events that there are.
#[derive(Clone, Copy)]
pub struct Sample(usize);

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

/// What becomes of a call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Works,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// Nothing is done.
    Fails,
}

/// What Stripe answers when it is asked for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The object.
    Object,
    /// Not now; again so many seconds later.
    Later(i64),
    /// There is none.
    Missing,
    /// It is not needed.
    Unneeded,
}

/// What the steps are made from; what they do is up to the store and the model.
#[derive(Clone, Debug)]
pub struct Plan;

impl Sample {
    /// What Stripe tells.
    pub(super) fn event(self) -> Option<&'static Arc<Event>> {
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
        let index = proptest::arbitrary::any::<sample::Index>;
        let remedy = || sample::select(vec![Remedy::Retry, Remedy::Retry, Remedy::Ignore]);
        let steps: [(u32, BoxedStrategy<Step>); 13] = [
            (14, (some_events(), fate()).prop_map(|(a, b)| Step::Deliver(a, b)).boxed()),
            (4, (1..4_u32).prop_map(Step::Claim).boxed()),
            (1, fate().prop_map(Step::ClaimInVain).boxed()),
            (3, fate().prop_map(Step::SettleAll).boxed()),
            (3, (index(), fate()).prop_map(|(a, b)| Step::Settle(a, b)).boxed()),
            (1, (index(), 1..200_i64).prop_map(|(a, b)| Step::PutOff(a, b)).boxed()),
            (1, Just(Step::Die).boxed()),
            (4, (1..6_u32).prop_map(Step::SettleDue).boxed()),
            (3, (1..4_u32, answer(), fate()).prop_map(|(a, b, c)| Step::Fetch(a, b, c)).boxed()),
            (3, (-50..150_i64).prop_map(Step::Clock).boxed()),
            (
                2,
                (remedy(), index(), fate())
                    .prop_map(|(a, b, c)| Step::Apply(a, Some(b), c))
                    .boxed(),
            ),
            (1, (remedy(), fate()).prop_map(|(a, b)| Step::Apply(a, None, b)).boxed()),
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

/// Thin ones are few among all, and are to be met.
fn some_events() -> BoxedStrategy<Vec<Sample>> {
    let all = events().iter().enumerate();
    let thin: Vec<_> = all.filter(|(_, it)| it.payload == Payload::Thin).map(|it| it.0).collect();
    let any = (0..events().len()).boxed();
    let event = Union::new_weighted(vec![(5, any), (1, sample::select(thin).boxed())]);
    collection::vec(event.prop_map(Sample), 1..4).boxed()
}
