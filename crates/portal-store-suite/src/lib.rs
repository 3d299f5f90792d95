//! What every store must do, as cases that each store's tests run.
//!
//! A case is an async function over a fresh store; its name is a sentence of the contract. The crate
//! knows no store and no runtime: the tests of a store say how a fresh one is made and what drives
//! it.

mod samples;

pub mod recording;

pub mod reading;

pub mod listing;

pub mod readiness;

pub mod losing;

mod lossy;

pub use futures::executor::block_on;
pub use lossy::{Call, Lossy};
pub use portal_domain::Store;
pub use samples::{an_event, at, batch, everything, facts, text};

/// Makes one `#[test]` of each case, on a store of its own.
///
/// Takes the name of a function that makes a fresh store, runs the case that it is given on it, and
/// clears up: `fn on_a_fresh_store(case: impl AsyncFnOnce(&dyn Store))`.
#[macro_export]
macro_rules! conformance {
    ($on_a_fresh_store:path) => {
        $crate::conformance! { $on_a_fresh_store;
            recording {
                a_new_event_is_new_and_there;
                recording_twice_is_one_event;
                a_repeat_changes_nothing_of_what_was_recorded_first;
                a_batch_is_answered_event_by_event_in_its_order;
                a_batch_with_the_same_id_twice_records_it_once;
                a_large_batch_is_recorded_whole;
                an_empty_batch_is_fine;
                ids_that_differ_in_case_only_are_different_events;
                concurrent_records_of_one_id_have_one_winner;
                concurrent_batches_in_opposite_order_both_succeed;
            }
            reading {
                a_fresh_store_holds_nothing;
                an_unknown_id_is_none;
                an_event_with_every_field_reads_back_equal;
                an_event_without_its_optional_fields_reads_back_equal;
                every_payload_reads_back_equal;
                every_state_and_reason_reads_back_equal;
                every_origin_reads_back_equal;
                facts_of_every_kind_read_back_equal;
                facts_that_are_nearly_nothing_read_back_equal;
                the_least_and_the_greatest_amount_read_back_equal;
                the_first_and_the_last_second_read_back_equal;
                the_longest_texts_read_back_equal;
                listed_events_equal_what_was_recorded;
            }
            listing {
                events_come_newest_first;
                the_order_is_that_of_arrival_not_of_stripe_s_clock;
                a_repeat_stays_in_its_place;
                the_filter_by_type_lets_that_type_through;
                the_filter_by_state_lets_that_state_through;
                the_filter_by_since_lets_that_second_and_later_through;
                the_limit_keeps_the_newest;
                a_limit_of_nothing_lists_nothing;
                a_limit_beyond_what_is_there_lists_everything;
                filters_together_let_through_what_each_lets_through;
                a_filter_that_nothing_fits_lists_nothing;
            }
            readiness {
                a_fresh_store_is_ready;
                a_ping_leaves_no_event;
                a_ping_may_come_again_and_from_a_clock_set_back;
            }
            losing {
                a_lost_acknowledgement_is_a_duplicate_the_next_time;
                a_lost_acknowledgement_of_a_batch_is_answered_event_by_event;
                a_failed_record_leaves_nothing;
            }
        }
    };
    ($on_a_fresh_store:path; $($module:ident { $($case:ident;)* })*) => {
        $($(
            #[test]
            fn $case() {
                $on_a_fresh_store($crate::$module::$case);
            }
        )*)*
    };
}

#[cfg(test)]
mod tests {
    /// A case that is written but not listed above would never run.
    #[test]
    fn every_case_is_listed() {
        let listed = include_str!("lib.rs");
        let modules = [
            include_str!("recording.rs"),
            include_str!("reading.rs"),
            include_str!("listing.rs"),
            include_str!("readiness.rs"),
            include_str!("losing.rs"),
        ];
        for case in modules.iter().flat_map(|it| it.split("\npub async fn ").skip(1)) {
            let name = case.split('(').next().unwrap();
            assert!(listed.contains(&format!(" {name};\n")), "{name} is not listed");
        }
    }
}
