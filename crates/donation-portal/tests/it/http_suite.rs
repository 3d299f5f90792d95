//! Runs the suite of HTTP hosts against this server.

use std::sync::Arc;

use crate::support::Result;
use crate::support::event::SECRET;
use crate::support::home::{On, TestHome};
use crate::support::server::Server;
use portal_contract::host::{Host, Witness, run_all};
use serde_json::Value;

on_each_store! {
    every_case_passes_and_once_more_where_only_answers_are_seen
}

fn every_case_passes_and_once_more_where_only_answers_are_seen(on: On) -> Result {
    let home = TestHome::on(on)?;
    let native = Native { server: Arc::new(home.serve()?), home: Arc::new(home) };
    let witnesses: [Option<Box<dyn Witness>>; 2] = [Some(Box::new(native.clone())), None];
    for witness in witnesses {
        let host = Host::new(&native.server.url(""), SECRET, witness);
        let mut failures = Vec::new();
        let failed = run_all(&host, |case, outcome| {
            failures.extend(outcome.as_ref().err().map(|it| format!("{}: {it}", case.name)));
        });
        assert!(failed.is_empty(), "{}", failures.join("\n"));
    }
    assert!(!native.server.text().contains("panicked"), "{}", native.server.text());
    Ok(())
}

/// A server with the folder that it runs in.
#[derive(Clone)]
struct Native {
    server: Arc<Server>,
    home: Arc<TestHome>,
}

impl Witness for Native {
    fn log(&self) -> Result<Vec<Value>> {
        self.server.log()
    }

    fn inbox(&self) -> Result<Vec<String>> {
        self.home.inbox()
    }

    fn state(&self, id: &str) -> Result<String> {
        let events = self.home.list(&[])?;
        let event = events.iter().find(|it| it["id"] == id).ok_or("no such event")?;
        Ok(event["state"].as_str().ok_or("no state")?.to_owned())
    }

    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut kept = self.home.kept()?;
        kept.push(("output".into(), self.server.said()));
        Ok(kept)
    }
}
