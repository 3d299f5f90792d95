//! `events list` and `events show`.

use std::process::Stdio;
use std::time::Duration;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, home_on, record};
use crate::support::Result;
use crate::support::clock;
use crate::support::event::{event, gift, payment, sample};
use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::output::Output;
use crate::support::server::signal;

transcripts! { "events", on_each_store;
    many =>
        the_last_received_comes_first_and_there_may_be_a_limit;
    of_several_states =>
        a_list_can_be_narrowed_by_type_and_state;
    samples =>
        a_list_can_be_narrowed_by_object
        showing_a_donation_suggests_how_to_list_its_events
        one_event_is_shown_with_what_is_kept_of_it;
    |on| home_on(on, &[payment("evt_1"), event("evt_2", "radar.early_fraud_warning.created")]) =>
        a_line_of_json_holds_to_its_contract
        a_table_has_a_row_and_csv_a_line_for_each_event
        an_event_that_is_not_there_is_found_wrong;
    TestHome::on =>
        an_empty_inbox_is_an_empty_list;
    at_two_times =>
        a_list_can_be_narrowed_by_time;
}

transcripts! { "events", once;
    TestHome::new =>
        without_a_database_there_is_nothing_to_look_at
        what_cannot_be_an_id_is_no_object;
}

fn many(on: On) -> Result<TestHome> {
    home_on(on, &(1..=25).map(|it| payment(&format!("evt_{it}"))).collect::<Vec<_>>())
}

fn of_several_states(on: On) -> Result<TestHome> {
    home_on(
        on,
        &[
            payment("evt_1"),
            event("evt_2", "radar.early_fraud_warning.created"),
            event("evt_3", "payment_intent.payment_failed"),
            payment("evt_4"),
        ],
    )
}

fn at_two_times(on: On) -> Result<TestHome> {
    let home = home_on(on, &[payment("evt_1")])?;
    record(&home, &[payment("evt_2")], MIDNIGHT_IN_TOKYO + 10)?;
    Ok(home)
}

/// Returns a home with a donation, its charge and its refund, and another donation.
fn samples(on: On) -> Result<TestHome> {
    let sample = |name: &str| -> Result<String> { Ok(sample(name)?.body) };
    let bodies = [
        sample("2024-06-20/payment_intent.succeeded.one_time.jpy.json")?,
        gift("a"),
        sample("2024-06-20/charge.succeeded.one_time.jpy.json")?,
        sample("2024-06-20/refund.created.jpy.json")?,
    ];
    home_on(on, &bodies)
}

on_each_store! { new_events_are_shown_as_they_come_until_ctrl_c }

fn new_events_are_shown_as_they_come_until_ctrl_c(on: On) -> Result {
    let home = home_on(on, &(1..=3).map(|it| payment(&format!("evt_{it}"))).collect::<Vec<_>>())?;
    let args = ["events", "list", "--tail", "--limit", "2", "--format", "csv"];
    let mut child = home.configured(PROGRAM, &args).stdout(Stdio::piped()).spawn()?;
    let shown = Output::of(child.stdout.take().ok_or("no standard output")?);
    let ids = |text: &str| {
        let cells = text.lines().map(|line| line.split(',').next().unwrap_or_default());
        cells.map(str::to_owned).collect::<Vec<_>>()
    };
    let wait = |due: &[&str]| {
        clock::wait_for("the events", Duration::from_secs(30), || {
            Ok((ids(&String::from_utf8(shown.so_far())?) == due).then_some(()))
        })
    };
    let watched = wait(&["id", "evt_2", "evt_3"])
        .and_then(|()| record(&home, &[payment("evt_4"), payment("evt_5")], MIDNIGHT_IN_TOKYO))
        .and_then(|()| wait(&["id", "evt_2", "evt_3", "evt_4", "evt_5"]))
        .and_then(|()| record(&home, &[payment("evt_6")], MIDNIGHT_IN_TOKYO))
        .and_then(|()| wait(&["id", "evt_2", "evt_3", "evt_4", "evt_5", "evt_6"]));
    signal(child.id(), "INT")?;
    let ended = child.wait()?;
    watched?;
    assert_eq!(ended.code(), Some(0));
    Ok(())
}
