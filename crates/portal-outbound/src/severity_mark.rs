//! The mark of a severity, which is seen before anything is read.

use portal_domain::alert::Severity;
use portal_domain::{Action, Notification};

pub(crate) struct SeverityMark {
    pub(crate) emoji: &'static str,
    /// Red, green and blue.
    pub(crate) colour: u32,
}

/// Returns the mark of a notification; an end has its own.
pub(crate) fn mark(notification: &Notification) -> SeverityMark {
    let (emoji, colour) = match (notification.action, notification.alert.severity()) {
        (Action::Resolve, _) => ("✅", 0x2E_7D32),
        (Action::Trigger, Severity::Critical) => ("🔴", 0xC6_2828),
        (Action::Trigger, Severity::Error) => ("🟠", 0xEF_6C00),
        (Action::Trigger, Severity::Warning) => ("🟡", 0xF9_A825),
        (Action::Trigger, Severity::Info) => ("🔵", 0x15_65C0),
    };
    SeverityMark { emoji, colour }
}
