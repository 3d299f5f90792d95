//! Stories of donations, readable for operators.
//!
//! A story is a sentence, a list of events, and the expected donations, which must be the same for
//! every order and repetition of the events. Unless a story says otherwise, a gift is 1000 JPY in live
//! mode.

/// Makes a function for each story: its name, its sentence, what is bound for it, the events in the
/// order in which they happened, and the donations that are due.
macro_rules! stories {
    ($(
        $(#[$doc:meta])*
        $name:ident: $title:literal $(where { $($bound:tt)* })? [$($told:expr),* $(,)?]
        => [$($due:expr),* $(,)?]
    )*) => {
        $(
            $(#[$doc])*
            pub(crate) fn $name() -> $crate::stories::Story {
                $($($bound)*)?
                $crate::stories::Story { title: $title, told: vec![$($told),*], due: vec![$($due),*] }
            }
        )*
    };
}

pub(crate) mod one_time;

pub(crate) mod recurring;

pub(crate) mod delayed;

pub(crate) mod refunds;

pub(crate) mod disputes;

pub(crate) mod invoices;

pub(crate) mod mixed;

pub(crate) mod reconciled;

pub(crate) mod samples;

pub mod ledger;

mod due;
mod order;

pub use due::ExpectedDonation;
pub(crate) use due::{invoiced, one_time, recurring};
pub use ledger::LedgerCase;
pub use order::Order;
pub(crate) use order::orders;

use crate::stripe::Told;

/// A story.
pub(crate) struct Story {
    /// The story in one sentence.
    title: &'static str,
    /// The events and objects of the story.
    told: Vec<Told>,
    /// The expected donations.
    due: Vec<ExpectedDonation>,
}

/// A story with everything that is compared at its end.
#[derive(Clone, Debug)]
pub struct Scenario {
    title: String,
    told: Vec<Told>,
    expected: Expected,
}

#[derive(Clone, Debug)]
struct Expected {
    /// The lists of donations that are allowed: several if the result depends on the order.
    donations: Vec<Vec<ExpectedDonation>>,
    /// The allowed states of events.
    states: Vec<&'static str>,
    /// The sorted keys of open alerts, if the story is about them.
    alerts: Option<Vec<String>>,
}

/// The states of events that need no operator.
const HANDLED: [&str; 2] = ["processed", "ignored"];

impl From<Story> for Scenario {
    fn from(it: Story) -> Self {
        let expected = Expected { donations: vec![it.due], states: HANDLED.into(), alerts: None };
        Self { title: it.title.into(), told: it.told, expected }
    }
}

/// Passes all stories to a macro of this crate, after its other arguments. The compiler reports one
/// that is not listed as dead code.
#[doc(hidden)]
#[macro_export]
macro_rules! every_story {
    ($each:path; $($with:tt)*) => {
        $each! { $($with)*
            one_time {
                a_card_gift;
                a_card_gift_in_the_new_api;
                a_card_gift_whose_visit_is_not_reported;
                only_the_payment_is_reported;
                only_the_charge_is_reported;
                only_the_visit_is_reported;
                a_card_that_is_declined_and_then_taken;
                a_failure_that_is_dated_after_the_success;
                a_gift_that_is_given_up;
                test_money_and_live_money_side_by_side;
                a_gift_to_a_connected_account;
            }
            recurring {
                the_first_gift_of_a_subscription;
                the_first_gift_of_a_subscription_in_the_new_api;
                a_renewal;
                a_renewal_in_the_new_api;
                a_renewal_whose_link_is_not_reported;
                a_renewal_that_only_hints_at_its_invoice;
                a_hint_at_an_invoice_of_another_sum;
                a_renewal_of_which_only_the_payment_is_reported;
                a_renewal_that_fails_and_is_paid_later;
                a_renewal_that_fails_and_is_paid_later_in_the_new_api;
                a_renewal_that_is_given_up;
            }
            delayed {
                konbini_that_is_paid;
                konbini_that_is_paid_in_the_new_api;
                konbini_that_waits;
                konbini_that_is_not_paid;
                a_bank_transfer;
            }
            refunds {
                a_part_goes_back;
                all_goes_back;
                two_parts_go_back;
                two_parts_go_back_in_one_second;
                a_refund_that_the_bank_sends_back;
                a_refund_of_which_only_the_charge_reports;
                a_second_refund_after_one_that_failed;
                a_failed_refund_that_is_reported_again_after_the_next_one;
                a_failed_refund_beside_one_that_is_not_reported;
                a_renewal_goes_back;
            }
            disputes {
                a_dispute_that_is_open;
                a_dispute_that_is_won;
                a_dispute_that_is_lost;
                an_inquiry_that_comes_to_nothing;
                an_inquiry_that_becomes_a_dispute;
                a_dispute_of_what_went_back_in_part;
                a_dispute_that_is_prevented_with_the_money_and_without_it;
            }
            invoices {
                paid_in_cash;
                paid_in_cash_in_the_new_api;
                cash_that_is_given_back;
                a_free_trial;
                paid_from_credit;
                an_invoice_that_is_declared_void;
                a_gift_with_an_invoice_for_the_books;
                a_gift_with_an_invoice_for_the_books_in_the_new_api;
                an_invoice_that_two_payments_paid;
                a_payment_for_three_invoices_of_which_a_part_goes_back;
                a_payment_for_two_invoices_of_which_nothing_is_left;
                the_largest_payment_for_two_invoices_of_which_a_part_goes_back;
                an_invoice_that_was_paid_twice;
                two_payments_that_hint_at_one_invoice;
                an_invoice_whose_payment_is_not_reported;
            }
            mixed {
                one_gift_in_two_api_versions;
                one_renewal_in_two_api_versions;
                a_payment_in_the_old_api_with_its_invoice_in_the_new_one;
            }
            reconciled {
                a_gift_that_was_never_reported;
                a_gift_that_was_reported_and_observed;
                a_refund_that_only_the_object_reports;
                a_provisional_gift_that_is_looked_up;
                a_gift_that_was_dated_before_it_was_looked_at;
                a_renewal_that_is_looked_up;
                an_invoice_that_was_made_after_the_lookup;
                a_lookup_beside_each_firm_link;
                a_hint_that_a_lookup_contradicts;
                a_gift_that_is_reported_thin_and_whole;
                a_renewal_that_is_reported_thin_only;
            }
            samples {
                the_sample_gift;
                the_sample_gift_in_the_new_api;
                the_sample_renewal;
                the_sample_renewal_in_the_new_api;
                the_sample_first_gift_of_a_subscription;
                the_sample_konbini_gift;
                the_sample_trial_credit_cash_and_failure;
            }
            ledger {
                partial_capture;
                partial_capture_with_refund_object;
                hold_expires_charge_only;
                hold_is_voided;
                charge_status_paid_2014;
                ach_late_return;
                refund_of_a_cash_balance;
                partial_payment_invoice_stays_open;
                overpaid_amount_paid_includes;
                overpaid_amount_paid_excludes;
                one_payment_for_two_invoices;
                event_types_with_brackets;
                api_version_null_or_with_beta;
                versions_of_2026;
                event_types_of_2026;
                adaptive_pricing_before_2025;
                special_currencies;
                first_invoice_declined_by_checkout;
                paused_subscription_marks_uncollectible;
                uncollectible_then_void;
                out_of_band_invoice_given_back;
                partly_off_stripe;
                attached_payment_on_untried_invoice;
                invoice_creation_session_without_invoice;
                invoice_of_2015_without_status;
                refund_status_null;
                destination_charge_with_fee_refund;
                direct_charge_and_organisation_context;
                trial_with_setup_fee;
                donor_pays_twice;
                test_clock_in_2033;
                refund_fails_because_of_dispute;
                konbini_refund_never_collected;
                payment_intents_of_2018;
                renewal_refunded_without_a_link;
                two_payments_hint_at_one_invoice;
                one_event_id_in_two_api_versions;
                odd_but_legitimate_fields;
                charge_only_at_a_clover_endpoint;
                ach_over_new_year_dated_by_charge;
                sepa_renewal_charged_back;
                bank_transfer_refund_canceled_after_45_days;
            }
        }
    };
}
