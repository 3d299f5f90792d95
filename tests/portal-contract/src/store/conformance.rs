//! The list of cases, and what makes tests of it: one `#[test]` of each case, on a store of its own.

/// Hands all cases to a macro of this crate, after what else that takes.
#[doc(hidden)]
#[macro_export]
macro_rules! every_case {
    ($each:path; $($with:tt)*) => {
        $each! { $($with)*
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
                the_order_is_that_of_arrival_not_of_any_clock;
                a_repeat_stays_in_its_place;
                the_filter_by_type_lets_that_type_through;
                the_events_of_doctor_are_listed_by_their_type_only;
                the_filter_by_state_lets_that_state_through;
                the_filter_by_since_lets_that_second_and_later_through;
                the_filter_by_until_lets_earlier_seconds_through;
                the_filter_by_after_lets_what_was_recorded_later_through;
                the_limit_keeps_the_newest;
                a_limit_of_nothing_lists_nothing;
                a_limit_beyond_what_is_there_lists_everything;
                filters_together_let_through_what_each_lets_through;
                a_filter_that_nothing_fits_lists_nothing;
                the_filter_by_from_lets_that_event_and_later_ones_through;
                pages_lose_and_double_no_event_while_events_come_in;
                a_page_goes_on_where_its_last_event_was_pruned;
                a_search_looks_at_so_many_events_and_the_next_one_goes_on;
                a_search_goes_on_past_what_was_pruned;
                events_are_counted_as_they_are_listed;
            }
            finding {
                events_are_found_by_the_object_that_they_are_about;
                events_are_found_by_the_payment_and_the_invoice_that_they_name;
                the_events_of_its_payments_are_found_by_an_invoice;
                old_payments_and_invoices_are_found_by_each_other;
                an_event_that_names_its_object_twice_is_found_once;
                events_are_found_by_their_object_whatever_became_of_them;
                an_event_is_found_by_what_its_object_names_once_that_is_fetched;
                an_object_and_other_filters_let_through_what_each_lets_through;
                an_object_that_no_event_names_has_none;
            }
            readiness {
                a_fresh_store_is_ready;
                a_ping_leaves_no_event_and_no_donation;
                a_ping_may_come_again_and_from_a_clock_set_back;
            }
            losing {
                a_lost_acknowledgement_is_a_duplicate_the_next_time;
                a_lost_acknowledgement_of_a_batch_is_answered_event_by_event;
                a_failed_record_leaves_nothing;
            }
            accounting {
                what_was_recorded_is_in_the_ledger_at_once;
                only_what_is_processed_is_in_the_ledger;
                an_event_that_lacks_a_fact_is_dead_and_its_alert_is_open;
                an_event_that_could_not_be_decided_is_recorded_dead;
                a_repeat_changes_nothing_in_the_ledger;
                a_repeat_of_an_ignored_event_has_no_effect;
                a_repeat_of_a_dead_event_raises_nothing_again;
                a_batch_that_holds_an_event_twice_applies_it_once;
                events_of_one_batch_may_report_of_one_donation;
                concurrent_records_of_one_event_have_one_effect;
                concurrent_records_about_one_donation_all_count;
            }
            isolating {
                what_the_store_takes_is_recorded_together;
                a_batch_that_the_store_refuses_is_recorded_one_by_one;
                an_event_whose_changes_fail_is_dead_and_its_neighbours_are_processed;
                a_store_that_is_busy_or_full_is_not_asked_again;
                a_store_that_becomes_busy_midway_is_not_asked_again;
                a_store_that_takes_three_in_a_row_in_no_form_is_not_asked_again;
                two_in_a_row_that_are_taken_in_no_form_cost_nobody_else;
                a_lost_acknowledgement_that_looks_like_a_failure_is_a_duplicate;
                an_event_recorded_under_a_lost_acknowledgement_does_not_die;
                a_reprocessing_that_fails_costs_no_other_one_its_own;
            }
            reprocessing {
                what_was_decided_upon_a_state_that_was_left_changes_nothing;
                reprocessing_what_is_not_there_changes_nothing;
                reprocessings_are_answered_one_by_one;
                reprocessing_what_is_processed_changes_nothing;
                a_dead_event_whose_facts_are_complete_now_is_processed;
                an_event_that_stays_dead_raises_nothing_again;
                an_event_that_dies_when_it_is_reprocessed_raises_its_alert;
                with_the_last_dead_event_the_trouble_ends;
                an_ignored_event_has_no_effect_until_it_is_reprocessed;
                all_pages_together_reprocess_every_event_once;
                a_page_whose_answer_is_lost_is_reprocessed_once;
            }
            selecting {
                each_state_takes_the_actions_that_it_can;
                a_selection_is_what_fits_all_of_it;
                a_selection_for_an_action_is_that_of_the_list;
                another_number_than_expected_is_told_and_nothing_is_ignored;
                pages_of_events_have_no_gap_and_no_overlap;
                thousands_of_events_are_ignored_by_their_ids;
            }
            backlog {
                a_fresh_store_has_no_backlog;
                each_state_is_counted_in_its_place;
                counting_the_backlog_ends_somewhere;
            }
            delivery_history {
                a_fresh_store_has_no_past;
                the_past_is_how_events_came_in;
                asking_again_counts_nothing_twice;
                what_comes_later_is_added_to_its_hour;
                a_silence_ends_in_the_hour_of_the_event_that_ends_it;
                a_silence_before_the_first_hour_is_nobodys;
                the_past_is_of_what_stripe_delivered;
                the_first_event_of_a_past_follows_nothing;
                a_clock_that_was_set_back_leaves_no_gap;
                more_events_than_a_step_takes_are_all_counted;
                hours_are_forgotten_with_their_events;
                places_that_are_given_again_are_counted_again;
                events_about_money_are_distinguished_by_whose_they_are;
                what_connected_accounts_are_paid_is_counted_by_the_hour;
                money_events_that_were_fetched_are_nobodys;
                an_hour_has_its_gaps_and_delays;
                hours_are_read_by_spans;
            }
            pruning {
                only_what_is_old_and_processed_or_ignored_is_forgotten;
                no_more_is_forgotten_at_once_than_was_asked_for;
                the_ledger_outlives_its_events;
                alerts_that_ended_are_forgotten;
            }
            alerting {
                a_trouble_that_is_noticed_again_is_one_trouble;
                a_trouble_that_has_ended_says_when;
                the_end_of_no_trouble_is_nothing;
                a_trouble_that_somebody_noticed_lately_is_not_resolved;
                a_trouble_that_nobody_notices_any_more_is_resolved_now;
                what_is_not_there_is_not_resolved;
                a_trouble_that_comes_back_is_a_new_one;
                alerts_are_listed_by_their_last_change;
                only_alerts_that_have_an_end_are_open;
                every_kind_of_alert_reads_back_equal;
                events_that_are_dead_are_one_trouble;
                a_dispute_that_is_closed_ends_its_alert;
                an_inquiry_that_becomes_a_dispute_is_another_alert;
                a_dispute_that_is_notified_backwards_leaves_no_alert;
                a_refund_that_fails_is_notified_once;
            }
            notifications {
                a_channel_of_a_fresh_store_is_notified_nothing;
                a_new_trouble_is_notified_once;
                channels_are_notified_independently;
                the_oldest_is_notified_first;
                a_claimed_notification_is_claimed_by_nobody_else_until_its_lease_ends;
                what_was_not_taken_is_notified_later;
                a_trouble_that_goes_on_is_notified_again_after_its_cool_down;
                the_end_of_a_trouble_is_notified_once;
                a_trouble_that_came_and_went_unnotified_is_notified_as_ended;
                a_trouble_that_ends_while_it_is_notified_is_notified_as_ended_next;
                a_trouble_that_one_of_two_notices_is_notified_once_and_so_is_its_end;
                a_trouble_that_comes_back_is_notified_at_once;
                the_end_of_a_trouble_that_came_back_is_notified_later;
                a_series_of_troubles_is_over_after_a_day;
                another_cause_of_a_trouble_is_notified;
                what_happens_once_is_notified_once;
                nothing_old_is_notified;
                finishing_a_notification_that_is_not_there_changes_nothing;
            }
            notifying {
                everything_that_is_due_is_notified;
                what_a_channel_does_not_take_is_not_sent_to_it;
                a_channel_that_fails_is_left_alone_for_a_while;
                the_wait_grows_with_each_failure;
                a_channel_that_refuses_is_told_on_the_others;
                a_channel_that_fails_for_a_moment_is_not_told;
                what_a_channel_does_not_take_is_no_result_of_it;
                a_channel_that_names_a_wait_is_waited_for;
                a_notification_whose_answer_is_lost_is_notified_again_if_it_was_not_saved;
            }
            acknowledging {
                an_acknowledged_alert_is_not_notified_again_until_it_ends;
                another_cause_of_an_acknowledged_alert_is_notified;
                an_alert_that_begins_anew_is_not_acknowledged;
                only_an_open_alert_is_acknowledged;
                an_acknowledged_event_stays_dead_and_is_looked_at_no_more;
                an_event_is_acknowledged_once_and_as_long_as_it_is_dead;
                with_the_last_dead_event_the_alert_is_acknowledged;
                another_number_than_expected_is_told_and_nothing_is_acknowledged;
                a_silenced_alert_is_not_notified_until_then_but_its_end_is;
                a_silence_may_be_ended_and_is_of_one_alert;
            }
            keeping {
                what_is_kept_follows_from_the_ledger;
                repairing_what_is_right_changes_nothing;
            }
            donating {
                donations_come_newest_first;
                each_filter_lets_through_what_fits_it;
                pages_have_no_gap_and_no_overlap;
                pages_of_a_filter_stay_within_it;
                a_search_of_donations_ends_at_its_place;
                a_donation_is_found_by_its_id_and_by_that_of_its_payment;
                what_is_no_donation_is_not_found;
                totals_are_of_what_is_paid_and_certain;
                totals_add_up_what_went_back;
                donations_are_found_by_their_dispute;
                totals_are_the_sums_of_what_is_listed;
                totals_of_days_are_the_totals_of_each_day;
                the_largest_amounts_add_up_exactly;
            }
            itemizing {
                each_row_of_the_ledger_has_its_line;
                the_line_that_decides_counts;
                what_is_not_reported_or_not_paid_has_its_line;
                a_credit_note_has_its_line_and_leads_to_its_invoice;
                what_is_no_donation_has_no_lines;
                a_donation_is_found_by_every_id_that_belongs_to_it;
                of_several_invoices_the_one_that_an_event_names_is_found;
            }
            fetching {
                what_awaits_its_object_is_due_to_be_fetched_at_once;
                what_could_not_be_fetched_is_due_again_at_its_time;
                what_does_not_await_its_object_is_not_postponed;
                an_event_with_its_object_attached_is_processed_like_any_other;
                an_attached_object_is_named_by_its_event;
                an_attached_object_that_lacks_a_fact_makes_its_event_dead;
                an_event_whose_object_is_gone_is_dead;
                an_event_that_needs_no_object_is_ignored;
                concurrent_attachments_have_one_winner;
                an_attachment_whose_answer_is_lost_is_done;
                a_reprocessed_thin_event_keeps_its_object;
                a_reprocessed_thin_event_without_its_object_is_due_at_once;
                a_retried_event_that_awaits_its_object_keeps_the_alert_open;
                a_snapshot_event_is_reported_thin_where_a_thin_one_reports_the_same;
                thousands_of_events_are_looked_up_at_once;
            }
            confirming {
                each_donation_is_answered_in_its_place;
                the_id_of_a_donation_comes_before_that_of_its_payment;
                hundreds_of_donations_are_answered_at_once;
                what_is_confirmed_is_reported_from_what_is_not;
                what_was_confirmed_stays_so;
                pages_of_the_unconfirmed_go_on_while_they_are_confirmed;
            }
            jobs {
                a_job_that_never_began_is_due_at_once;
                a_begun_job_is_begun_by_nobody_else_until_its_lease_ends;
                a_job_goes_on_where_it_was_left;
                a_job_is_kept_step_by_step_under_one_lease;
                keeping_on_an_old_lease_changes_nothing;
                jobs_of_two_names_are_two_jobs;
                looking_at_a_position_takes_nothing;
                jobs_are_listed_with_their_times;
                a_long_position_reads_back_equal;
                concurrent_beginnings_have_one_winner;
                a_beginning_whose_answer_is_lost_comes_back;
                a_position_whose_answer_is_lost_is_kept;
            }
            spending {
                reads_add_up;
                reads_count_for_thirty_days;
                reads_are_told_by_day;
                concurrent_reads_are_all_counted;
                reads_whose_count_is_lost_are_counted;
            }
            paying_out {
                a_month_of_donations_is_explained;
                donations_in_several_currencies_are_explained;
                a_payout_by_hand_is_explained_by_the_account;
                a_payout_that_failed_is_paid_out_with_the_next;
                a_line_that_is_missing_is_named;
                a_donation_that_the_ledger_lacks_is_named;
                an_amount_that_is_another_in_the_ledger_is_named;
                a_line_that_does_not_add_up_is_named;
                a_payout_is_read_with_its_last_page;
                a_line_that_left_a_payout_is_not_summed;
                a_line_in_two_payouts_is_named_in_both;
                lines_at_the_bounds_add_up;
                a_fee_of_two_invoices_is_divided_among_them;
                the_last_reading_of_a_balance_counts;
            }
            reports {
                a_report_reads_back_equal;
                reports_are_numbered_and_listed_last_first;
                concurrent_reports_have_a_number_each;
                a_report_whose_number_is_lost_is_filed;
            }
            acting {
                an_entry_is_there_before_the_action_and_has_its_outcome_afterwards;
                an_outcome_is_written_once;
                every_word_of_an_entry_reads_back_equal;
                entries_come_last_first_and_pages_lose_and_double_none;
                a_filter_of_entries_lets_through_what_fits_all_of_it;
                concurrent_entries_have_a_number_each;
                an_entry_whose_number_is_lost_is_there;
                entries_are_kept_for_four_hundred_days;
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_each_case {
    ($on_a_fresh_store:path; $($module:ident { $($case:ident;)* })*) => {
        $($(
            #[test]
            fn $case() {
                $on_a_fresh_store($crate::case(concat!("conformance/", stringify!($case))));
            }
        )*)*
    };
}
