//! Payouts: the lines of the balance, and what they say of each deposit and of each donation.
//!
//! A *line* is one of Stripe's balance transactions. Stripe names the lines of a payout that it
//! made by its schedule; of the others nobody knows them, so they are not explained by guessing.

mod account;
pub mod job;
mod line;
pub mod lookup;
mod part;
mod place;
pub mod read_window;
mod review;
mod run;
mod statement;

pub use account::{Account, BalanceReading, CarriedReading, LineSum, StripeBalance};
pub use line::{BalanceLine, LineSource};
pub use part::{Part, Parts};
pub use place::{
    AccountedDonation, DonationMoney, MoneyLine, MoneyPlace, NOT_SEEN_AFTER, PayoutHistory,
    PlaceContext,
};
pub use run::PayoutsRun;
pub use statement::{
    LedgerView, PayoutDifference, PayoutReading, PayoutRow, PayoutStatement, ReadingResult,
    StatementJson, StatementLine, StatementState, StatementSums,
};
