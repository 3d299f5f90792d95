//! The contract of a host, in this process.

use std::sync::Arc;

use axum::body::Body;
use http::Request;
use portal_contract::block_on;
use portal_contract::host::{Host, Witness, run_all};
use portal_testkit::clock;
use portal_testkit::http::{Answer, Client};
use serde_json::Value;

use crate::answers::lines;
use crate::log::{Line, Log};
use crate::support::{Portal, Result, SECRET};

/// A portal with all that it logs.
#[derive(Clone)]
struct InProcess {
    portal: Arc<Portal>,
    log: Log,
}

#[test]
fn every_case_passes() -> Result {
    let host = InProcess { portal: Arc::new(Portal::at(clock::now())?), log: Log::default() };
    let witness = Box::new(host.clone());
    let host = Host::behind(Box::new(host), SECRET, Some(witness));
    let mut failures = Vec::new();
    let failed = run_all(&host, |case, outcome| {
        failures.extend(outcome.as_ref().err().map(|it| format!("{}: {it}", case.name)));
    });
    assert!(failed.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

impl Client for InProcess {
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer> {
        self.log.listen();
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let body = Body::from(body.unwrap_or_default().to_vec());
        let answer = block_on(self.portal.answer(request.body(body)?))?;
        let head = format!("{}\r\n{}", answer.status(), lines(answer.headers(), "\r\n"));
        Ok(Answer { status: answer.status().as_u16(), head, body: answer.into_body() })
    }
}

impl Witness for InProcess {
    fn log(&self) -> Result<Vec<Value>> {
        Ok(self.log.so_far().into_iter().map(in_json).collect())
    }

    fn inbox(&self) -> Result<Vec<String>> {
        Ok(self.portal.recorded())
    }

    fn state(&self, id: &str) -> Result<String> {
        let entries = self.portal.entries();
        let entry = entries.iter().find(|it| it.event().id.as_str() == id);
        Ok(entry.ok_or("no such event")?.event().state.name().to_owned())
    }

    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let events = self.portal.entries().iter().map(|it| format!("{:?}", it.event())).collect();
        Ok(vec![("the inbox".to_owned(), Vec::from(String::from_iter::<Vec<_>>(events)))])
    }
}

/// Numbers and truth values are captured as text.
fn in_json(line: Line) -> Value {
    let value = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    line.into_iter().map(|(name, text)| (name, value(text))).collect()
}
