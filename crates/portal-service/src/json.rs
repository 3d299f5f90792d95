//! The JSON objects of the command line and of the console's API, which are one contract. Times are
//! Unix seconds, amounts minor units.

mod actions;
mod alerts;
mod doctor;
mod donations;
mod events;
mod reports;
mod status;

pub use actions::ActionLine;
pub use alerts::AlertLine;
pub use doctor::FindingLine;
pub use donations::DonationDetail;
pub use events::{EventDetail, EventSummary};
pub use reports::{ReportDetail, ReportHead, ReportLine};
pub use status::{OverviewLine, StoreKeys};
