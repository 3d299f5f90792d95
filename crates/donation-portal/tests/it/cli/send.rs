//! `send`: sample events to a receiver.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, OTHER_SECRET};
use crate::support::home::{PROGRAM, Said, TestHome};
use crate::support::http::WEBHOOK;
use crate::support::server::Server;

fn send(home: &TestHome, server: &Server, args: &[&str]) -> Result<Said> {
    let url = server.url(WEBHOOK);
    home.run(&[&["send", "--url", &url], args].concat())
}

/// Returns the number of deliveries that were answered with `status`, as the summary prints it.
fn answered(said: &Said, status: &str) -> Option<u32> {
    let mut lines = said.stdout.lines().map(str::split_whitespace);
    let mut line = lines.find(|line| line.clone().next() == Some(status))?;
    line.nth(1)?.parse().ok()
}

#[test]
fn twenty_events_on_four_connections_are_summed_up() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let args = ["--count", "20", "--connections", "4", "--type", "invoice.paid"];
    let said = send(&home, &server, &args)?;
    assert_done(&said);
    assert_eq!(answered(&said, "200"), Some(20), "{}", said.stdout);
    assert!(said.stdout.contains("latency in ms: p50 "), "{}", said.stdout);
    assert!(said.stdout.contains("p99 "), "{}", said.stdout);
    assert!(said.stdout.contains("20 answered"), "{}", said.stdout);
    assert_eq!(home.list(&["--type", "invoice.paid"])?.len(), 20);
    assert_eq!(home.inbox()?.len(), 20);
    Ok(())
}

#[test]
fn every_built_in_sample_is_an_event_that_the_server_takes() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let said = home.run(&["send", "--type", "help"])?;
    assert_done(&said);
    let names: Vec<&str> = said.stdout.lines().collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in &names {
        assert_done(&send(&home, &server, &["--type", name])?);
        let listed = home.list(&["--type", name])?;
        assert_eq!(listed.len(), 1, "{name}");
        assert_eq!(listed[0]["livemode"], false, "{name}");
        let state = listed[0]["state"].as_str();
        assert!(["awaiting_object", "processed"].map(Some).contains(&state), "{name}: {state:?}");
    }
    Ok(())
}

#[test]
fn sample_donations_count_in_test_mode() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    home.replay("send/sample_donations", &[("URL", &server.url(WEBHOOK))])
}

#[test]
fn samples_do_not_go_beside_other_events_unless_told_so() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_done(&send(&home, &server, &[])?);
    assert_eq!(server.deliver(event::payment("evt_1"))?.status, 200);
    let said = send(&home, &server, &[])?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("has other events than samples"), "{}", said.stderr);
    let file = event::sample("2024-06-20/refund.created.jpy.json")?;
    fs::write(home.path("refund.json"), &file.body)?;
    assert_failed(&send(&home, &server, &["--file", "refund.json"])?, 2);
    assert_done(&send(&home, &server, &["--even-if-production"])?);
    assert_eq!(home.inbox()?.len(), 3 + 1 + 3);
    Ok(())
}

#[test]
fn what_was_sent_until_ctrl_c_is_summed_up() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let url = server.url(WEBHOOK);
    let args = ["send", "--url", &url, "--type", "invoice.paid", "--count", "1000", "--rate", "5"];
    let mut child = home.configured(PROGRAM, &args).stdout(Stdio::piped()).spawn()?;
    wait_for(
        "an event",
        Duration::from_secs(20),
        || Ok((!home.inbox()?.is_empty()).then_some(())),
    )?;
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    let mut said = String::new();
    child.stdout.take().ok_or("no output")?.read_to_string(&mut said)?;
    assert_eq!(child.wait()?.code(), Some(3), "{said}");
    assert!(said.contains(" 200 "), "{said}");
    assert!(said.contains("latency in ms"), "{said}");
    Ok(())
}

#[test]
fn a_file_is_sent_as_it_is_and_again_is_a_repeat() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let sample = event::sample("2024-06-20/refund.created.jpy.json")?;
    fs::write(home.path("refund.json"), &sample.body)?;
    let said = send(&home, &server, &["--file", "refund.json", "--count", "5"])?;
    assert_done(&said);
    assert_eq!(answered(&said, "200"), Some(5), "{}", said.stdout);
    assert_eq!(home.inbox()?, [sample.id]);
    Ok(())
}

#[test]
fn what_is_not_accepted_is_found_wrong() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let args = ["--count", "3", "--stripe-webhook-secret", OTHER_SECRET];
    let said = send(&home, &server, &args)?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert_eq!(answered(&said, "400"), Some(3), "{}", said.stdout);
    assert!(!said.all().contains(OTHER_SECRET));
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}

#[test]
fn of_several_secrets_the_first_signs() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let both = format!("{},{OTHER_SECRET}", event::SECRET);
    assert_done(&send(&home, &server, &["--stripe-webhook-secret", &both])?);
    Ok(())
}

#[test]
fn a_rate_is_kept() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let watch = Stopwatch::start();
    let said = send(&home, &server, &["--count", "11", "--rate", "20"])?;
    assert_done(&said);
    let taken = watch.elapsed().as_millis();
    assert!((500..5000).contains(&taken), "{taken} ms");
    Ok(())
}

#[test]
fn where_nobody_listens_it_could_not_be_sent() -> Result {
    let home = TestHome::new()?;
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("http://{nobody}{WEBHOOK}");
    let said = home.run(&["send", "--url", &url, "--count", "3"])?;
    assert_eq!(said.code, Some(3), "{}", said.all());
    assert!(said.stderr.starts_with("error: could not reach"), "{}", said.stderr);

    let said = home.run(&["send", "--url", "no url at all"])?;
    assert_failed(&said, 2);
    Ok(())
}

#[test]
fn a_file_that_is_not_there_is_misuse() -> Result {
    let home = TestHome::new()?;
    let said = home.run(&["send", "--file", "no-such-file.json"])?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("no-such-file.json"), "{}", said.stderr);
    Ok(())
}
