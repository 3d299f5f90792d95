//! The JSON objects of the command line and of the console's API, which are one contract. Times are
//! Unix seconds, amounts minor units.

mod actions;
mod alerts;
mod donations;
mod events;
mod reports;

pub use actions::ActionLine;
pub use alerts::AlertLine;
pub use donations::DonationDetail;
pub use events::{EventDetail, EventSummary};
pub use reports::{ReportDetail, ReportHead, ReportLine};
