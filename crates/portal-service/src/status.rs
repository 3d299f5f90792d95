//! The state of the service as its store has it: what came last, what is open, what runs beside the
//! requests. The same for every place that shows it.

use portal_domain::read_budget::ClockComparison;
use portal_domain::stripe_job::{self, StripeJobState};
use portal_domain::{
    Alert, AlertFilter, AlertRow, AlertState, Backlog, Event, EventFilter, JobRow, Origin,
    Selection, State, Store, StoreError, UnixSeconds,
};

/// The name of the job whose last lease says when the last backup began.
pub const BACKUP_JOB: &str = "backup";

/// The time that [`LastHour`] counts, in seconds.
const HOUR_SECONDS: i64 = 3600;

/// The number of latest events that are counted, or searched for a delivered one: a limit, so that a
/// look costs the same in a large inbox, and on D1 little.
const EVENTS_COUNTED_MAX: u32 = 1000;

/// The number of alerts, the last changed first, that are searched for open ones.
const ALERTS_SEARCHED: u32 = 1000;

/// The state of the service as its store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStatus {
    pub last_delivery: LastDelivery,
    pub last_hour: LastHour,
    pub backlog: Backlog,
    /// The last changed first.
    pub open_alerts: Vec<OpenAlert>,
    /// Without that of backups.
    pub jobs: Vec<JobRow>,
    /// The number of reads at Stripe within the days of the budget.
    pub reads_spent: u64,
    /// The beginning of the last backup that was recorded.
    pub backup_at: Option<UnixSeconds>,
    /// The clock of the machine that asks Stripe, where one does.
    pub clock: Option<ClockComparison>,
}

/// The last event that Stripe delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastDelivery {
    /// It was received then.
    At(UnixSeconds),
    /// None of the latest events was delivered.
    NotRecent,
    /// The inbox has no event.
    NoEvent,
}

/// The events that were recorded in the last hour. Repeats and refused deliveries leave no trace in
/// a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastHour {
    /// Delivered events, by their present state.
    pub processed: u64,
    pub ignored: u64,
    pub awaiting_object: u64,
    pub dead: u64,
    /// Events that Stripe was asked for.
    pub reconciled: u64,
    /// The time from which on all are counted, where there are too many for the whole hour.
    pub counted_since: Option<UnixSeconds>,
}

/// An alert whose trouble lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlert {
    pub key: String,
    pub alert: Alert,
    pub since: UnixSeconds,
    /// The configured channels, each with its state.
    pub channels: Vec<(String, ChannelState)>,
}

/// The state of an alert on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    Sent,
    /// The channel did not take the last attempt; there will be another.
    Failed,
    Waiting,
}

impl ChannelState {
    /// The name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

impl StoreStatus {
    /// Reads the state from `store` and writes nothing. `channels` are the names of the configured ones.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(
        store: &dyn Store,
        channels: &[String],
        now: UnixSeconds,
    ) -> Result<Self, StoreError> {
        let events = store.events(&EventFilter::latest(EVENTS_COUNTED_MAX)).await?;
        let mut jobs = store.jobs().await?;
        let backup_at = jobs.iter().find(|it| it.name == BACKUP_JOB).map(|it| it.leased_at);
        jobs.retain(|it| it.name != BACKUP_JOB);
        Ok(Self {
            last_delivery: LastDelivery::of(&events),
            last_hour: LastHour::of(&events, now),
            backlog: store.backlog().await?,
            open_alerts: OpenAlert::read_all(store, channels).await?,
            jobs,
            reads_spent: store.spend(0, now).await?,
            backup_at,
            clock: last_comparison(store).await?,
        })
    }

    /// True if no alert is open and no event is dead.
    #[must_use]
    pub fn has_nothing_open(&self) -> bool {
        self.open_alerts.is_empty() && self.backlog.dead == 0
    }
}

impl OpenAlert {
    /// Reads the open alerts. `channels` are the names of the configured ones.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read_all(store: &dyn Store, channels: &[String]) -> Result<Vec<Self>, StoreError> {
        Ok(open_alerts(store.alerts(AlertFilter::Open, ALERTS_SEARCHED).await?, channels))
    }
}

impl LastDelivery {
    /// Reads it, and nothing else.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let delivered = Selection { origin: Some(Origin::Delivered), ..Selection::default() };
        let delivered =
            EventFilter { search: Some(EVENTS_COUNTED_MAX), ..EventFilter::last(1, delivered) };
        let mut latest = store.events(&delivered).await?;
        if latest.is_empty() {
            latest = store.events(&EventFilter::latest(1)).await?;
        }
        Ok(Self::of(&latest))
    }

    /// Finds it among the latest events, which are without those of `doctor`.
    fn of(latest: &[Event]) -> Self {
        let delivered = latest.iter().find(|it| it.origin == Origin::Delivered);
        match (delivered, latest) {
            (Some(it), _) => Self::At(it.received_at),
            (None, []) => Self::NoEvent,
            (None, [_, ..]) => Self::NotRecent,
        }
    }

    /// Returns the time of the delivery, if it is known.
    #[must_use]
    pub fn at(self) -> Option<UnixSeconds> {
        if let Self::At(at) = self { Some(at) } else { None }
    }
}

impl LastHour {
    /// Counts those of the latest events that were received within an hour before `now`.
    fn of(latest: &[Event], now: UnixSeconds) -> Self {
        let is_recent = |it: &&Event| now.since(it.received_at) <= HOUR_SECONDS;
        let mut counted = Self::default();
        for event in latest.iter().filter(is_recent) {
            let place = match (event.origin, &event.state) {
                (Origin::Reconciled, _) => &mut counted.reconciled,
                (Origin::Delivered, State::Processed) => &mut counted.processed,
                (Origin::Delivered, State::Ignored(_)) => &mut counted.ignored,
                (Origin::Delivered, State::AwaitingObject { .. }) => &mut counted.awaiting_object,
                (Origin::Delivered, State::Dead(_)) => &mut counted.dead,
            };
            *place += 1;
        }
        let oldest = latest.last().filter(|_| latest.len() >= EVENTS_COUNTED_MAX as usize);
        counted.counted_since = oldest.filter(is_recent).map(|it| it.received_at);
        counted
    }

    /// Returns the number of delivered events.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.processed + self.ignored + self.awaiting_object + self.dead
    }
}

/// Returns the last comparison of the clocks that a job at Stripe has saved.
/// Returns the last comparison of this machine's clock with Stripe's.
pub(crate) async fn last_comparison(
    store: &dyn Store,
) -> Result<Option<ClockComparison>, StoreError> {
    let mut last: Option<ClockComparison> = None;
    for livemode in [true, false] {
        let state = store.job_state(stripe_job::name(livemode)).await?;
        let compared = StripeJobState::read(state.as_deref()).clock;
        last = compared.filter(|it| last.is_none_or(|last| last.at < it.at)).or(last);
    }
    Ok(last)
}

/// Returns the alerts whose trouble lasts; a digest is only told.
fn open_alerts(alerts: Vec<AlertRow>, channels: &[String]) -> Vec<OpenAlert> {
    let open = alerts.into_iter().filter(|it| it.state() == AlertState::Open);
    let with_channels = |it: AlertRow| {
        let state = |name: &String| {
            if it.notified.contains(name) {
                ChannelState::Sent
            } else if it.failed.iter().any(|failed| failed.channel == *name) {
                ChannelState::Failed
            } else {
                ChannelState::Waiting
            }
        };
        let channels = channels.iter().map(|name| (name.clone(), state(name))).collect();
        OpenAlert { key: it.key, alert: it.alert, since: it.since, channels }
    };
    open.map(with_channels).collect()
}

#[cfg(test)]
mod tests {
    use portal_contract::{an_event, at};
    use portal_domain::{
        Alert, AlertRow, DeadReason, Event, FailedNotification, NotifyError, Origin, State,
        UnixSeconds,
    };

    use super::{ChannelState, EVENTS_COUNTED_MAX, LastDelivery, LastHour, open_alerts};

    fn event(received_at: i64, state: State) -> Event {
        Event { received_at: at(received_at), state, ..an_event("evt_1") }
    }

    #[test]
    fn an_empty_inbox_is_another_thing_than_one_without_deliveries() {
        let fetched = Event { origin: Origin::Reconciled, ..event(2, State::Processed) };
        let delivered = event(1, State::Processed);
        assert_eq!(LastDelivery::of(&[]), LastDelivery::NoEvent);
        assert_eq!(LastDelivery::of(std::slice::from_ref(&fetched)), LastDelivery::NotRecent);
        assert_eq!(LastDelivery::of(&[fetched, delivered]), LastDelivery::At(at(1)));
    }

    #[test]
    fn the_last_hour_counts_delivered_events_by_state() {
        let dead = State::Dead(DeadReason::FactsMissing);
        let events = [
            Event { origin: Origin::Reconciled, ..event(9_000, State::Processed) },
            event(9_000, State::Processed),
            event(8_000, State::AwaitingObject { was_dead: false }),
            event(6_400, dead),
            event(6_399, dead),
        ];
        let due = LastHour {
            processed: 1,
            awaiting_object: 1,
            dead: 1,
            reconciled: 1,
            ..LastHour::default()
        };
        assert_eq!(LastHour::of(&events, at(10_000)), due);
        assert_eq!(due.delivered(), 3);
    }

    #[test]
    fn too_many_for_an_hour_are_said_to_be() {
        let mut events = vec![event(9_900, State::Processed); EVENTS_COUNTED_MAX as usize];
        let hour = LastHour::of(&events, at(10_000));
        assert_eq!((hour.processed, hour.counted_since), (1000, Some(at(9_900))));
        *events.last_mut().unwrap() = event(100, State::Processed);
        let hour = LastHour::of(&events, at(10_000));
        assert_eq!((hour.processed, hour.counted_since), (999, None));
    }

    #[test]
    fn an_open_alert_has_each_configured_channel_and_a_digest_is_none() {
        let row = |alert: Alert, open| AlertRow {
            key: alert.key(),
            alert,
            open,
            count: 1,
            since: at(1),
            changed_at: at(1),
            times: 1,
            notified: vec!["slack-1".into(), "gone-1".into()],
            failed: vec![FailedNotification {
                channel: "pagerduty-1".into(),
                why: NotifyError::TimedOut,
                again_at: at(2),
            }],
            acknowledged: None,
            silenced: None,
        };
        let silence = Alert::Silence { last_received_at: at(0), usual_seconds: 1 };
        let alerts =
            vec![row(Alert::test(UnixSeconds::default()), true), row(silence.clone(), true)];
        let open = open_alerts(alerts, &["slack-1", "discord-1", "pagerduty-1"].map(str::to_owned));
        let [one] = &open[..] else { panic!("{open:?}") };
        let due = [
            ("slack-1", ChannelState::Sent),
            ("discord-1", ChannelState::Waiting),
            ("pagerduty-1", ChannelState::Failed),
        ];
        assert_eq!(one.channels, due.map(|(name, state)| (name.to_owned(), state)));
        assert_eq!(open_alerts(vec![row(silence, false)], &[]), []);
    }
}
