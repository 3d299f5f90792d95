//! `health`: what a container's check and a probe go by.

use std::fs;

use crate::support::Result;
use crate::support::home::{PROGRAM, Said, TestHome, finish};

#[test]
fn a_server_is_alive_and_ready_until_it_ends() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let ask = |address: &str, args: &[&str]| health(&home, address, args);
    let address = server.address.to_string();
    assert_eq!(said(&ask(&address, &[])?), (Some(0), "alive\n"));
    assert_eq!(said(&ask(&address, &["--ready"])?), (Some(0), "ready\n"));
    assert_eq!(said(&ask(&address, &["--cli-language", "ja"])?), (Some(0), "稼働中\n"));
    server.stop()?;
    let gone = format!("not running: nothing answers at {address}\n");
    assert_eq!(said(&ask(&address, &[])?), (Some(1), &*gone));
    assert_eq!(said(&ask(&address, &["--ready"])?), (Some(1), &*gone));
    Ok(())
}

#[test]
fn a_server_that_is_not_ready_is_alive() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    fs::rename(home.database(), home.path("away.db"))?;
    let address = server.address.to_string();
    assert_eq!(said(&health(&home, &address, &[])?), (Some(0), "alive\n"));
    let not_ready = (Some(1), "not ready: store: store_missing\n");
    assert_eq!(said(&health(&home, &address, &["--ready"])?), not_ready);
    Ok(())
}

fn health(home: &TestHome, address: &str, args: &[&str]) -> Result<Said> {
    finish(home.bare(PROGRAM, &[&["health"], args].concat()).env("LISTEN_ADDR", address))
}

fn said(said: &Said) -> (Option<i32>, &str) {
    (said.code, &said.stdout)
}
