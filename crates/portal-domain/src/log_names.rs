//! The names that log lines give to what happened, and to why, where no other enum has them.
//!
//! Both hosts log by these, and the runbooks explain each.

use strum::{IntoStaticStr, VariantNames};

/// The subject of a log line, in its field `outcome`.
#[derive(Clone, Copy, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum LogOutcome {
    Accepting,
    ClocksApart,
    ConsoleListening,
    DatabaseMade,
    DeliveriesRejected,
    Duplicate,
    EndpointCheckFailed,
    EndpointChecked,
    EndpointProblem,
    FetchFailed,
    Fetched,
    JobFailed,
    Listening,
    LogLinesDropped,
    Misconfigured,
    MonitorFailed,
    NotReady,
    Notified,
    NotifyFailed,
    PollFailed,
    Polled,
    Reconciled,
    Recorded,
    Rejected,
    Reported,
    RequestRejected,
    RequestsRejected,
    Stopped,
    Stopping,
    Unavailable,
    UnknownWord,
}

/// The reason, in the field `reason`, where it is neither a refusal nor an error with a name.
#[derive(Clone, Copy, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum LogReason {
    AcceptFailed,
    BodyInterrupted,
    BodyMemory,
    ClockWrong,
    ClocksApart,
    EventsDead,
    Misconfigured,
    OperatorAddrInUse,
    PayloadTooLarge,
    SecondSignal,
    ShutdownDeadline,
    WriterPanicked,
}

named!(LogOutcome, LogReason);

impl LogOutcome {
    pub const NAMES: &[&str] = Self::VARIANTS;
}

impl LogReason {
    pub const NAMES: &[&str] = Self::VARIANTS;
}
