//! The list of cases. The compiler reports one that is not listed as dead code.

use crate::host::Case;

macro_rules! cases {
    ($($module:ident { $($case:ident;)* })*) => {
        /// All cases. They are independent of each other and of their order.
        pub const CASES: &[Case] =
            &[$($(Case { name: stringify!($case), run: crate::host::$module::$case },)*)*];
    };
}

cases! {
    verdicts {
        every_signature_case_gets_its_verdict;
    }
    signatures {
        a_delivery_without_a_signature_is_refused;
        a_wrong_signature_is_refused_and_nothing_is_kept;
        a_body_that_was_changed_is_refused;
        a_malformed_signature_is_refused;
        two_signature_headers_are_refused_even_where_both_are_right;
        a_signature_header_of_4_kib_is_read_and_a_longer_one_is_refused;
        a_signature_of_another_time_is_refused;
    }
    bodies {
        an_event_is_received;
        an_event_that_is_received_is_processed_already;
        an_event_of_an_unknown_type_is_received;
        an_event_of_a_connected_account_is_received;
        a_signed_body_that_is_no_event_is_refused;
        an_id_of_255_characters_is_kept_whole;
        a_body_of_1_mib_is_read_and_a_byte_more_is_too_large;
    }
    repeats {
        a_repeat_is_received_as_well_and_is_the_same_event;
        a_repeat_whose_body_has_changed_is_still_the_same_event;
        an_event_delivered_32_times_at_once_is_one_event;
    }
    health {
        health_is_one_word_for_a_monitor;
        health_has_details_in_json;
        a_host_that_can_record_is_ready;
        health_is_for_reading_only;
    }
    paths {
        the_webhook_takes_post_only;
        a_slash_at_the_end_of_the_path_is_taken;
        there_is_nothing_at_any_other_path;
        a_query_changes_nothing;
    }
    log {
        a_received_event_leaves_one_line_that_reports_its_outcome;
        a_refused_delivery_leaves_one_line_that_reports_the_reason;
        the_line_of_an_untimely_signature_reports_its_age;
    }
    privacy {
        no_answer_repeats_what_its_caller_sent;
        no_personal_data_is_stored_or_printed;
    }
}
