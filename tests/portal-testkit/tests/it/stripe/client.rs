//! A minimal client of the API.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use portal_testkit::stripe::{Account, Server};
use serde_json::Value;
use ureq::Agent;
use ureq::http::HeaderMap;

/// The present time of the stories.
pub(crate) const NOW: i64 = 1_790_000_000;

pub(crate) const KEY: &str = "rk_test_0123456789abcdWXYZ";

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A client of one server.
pub(crate) struct Client {
    pub(crate) server: Server,
    pub(crate) clock: Arc<AtomicI64>,
    agent: Agent,
    hasty: Agent,
}

impl Client {
    /// Returns a client of a server that shows the account at [`NOW`].
    pub(crate) fn of(account: Account) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let server = Server::start(account, KEY, Arc::clone(&clock)).unwrap();
        let patient_for = |wait| {
            let config = Agent::config_builder().http_status_as_error(false);
            config.timeout_global(Some(wait)).build().into()
        };
        let (agent, hasty) =
            (patient_for(Duration::from_mins(1)), patient_for(Duration::from_millis(300)));
        Self { server, clock, agent, hasty }
    }

    /// True if there is no answer, or none soon.
    pub(crate) fn gets_no_answer(&self, target: &str) -> bool {
        self.hasty.get(format!("{}{target}", self.server.base())).call().is_err()
    }

    /// Sends a request with these headers.
    pub(crate) fn ask(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{target}", self.server.base()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = request.call().unwrap();
        let body = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask(target, &[("Authorization", &format!("Bearer {KEY}"))])
    }

    /// Gets the answer in that version.
    pub(crate) fn get_in(&self, version: &str, target: &str) -> Value {
        let key = format!("Bearer {KEY}");
        let headers = [("Authorization", key.as_str()), ("Stripe-Version", version)];
        self.ask(target, &headers).body
    }

    /// Returns the ids of one page, and true if there are more.
    pub(crate) fn page(&self, target: &str) -> (Vec<String>, bool) {
        let answer = self.get(target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        let ids = answer.body["data"].as_array().unwrap().iter();
        let ids = ids.map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        (ids, answer.body["has_more"].as_bool().unwrap())
    }
}
