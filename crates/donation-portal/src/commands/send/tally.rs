//! The answers to what was sent.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::Value;

use portal_domain::{Text, text};

use crate::exit::{Exit, Failure};
use crate::output;
use crate::sender::SenderResponse;

/// The most characters that are shown of the message of a receiver.
const MESSAGE_MAX: usize = 200;

/// The answers and their latency.
pub(super) struct SendTally {
    /// The number of answers of each status with each message.
    answers: BTreeMap<(u16, String), u64>,
    failures: BTreeMap<String, u64>,
    latency_us: Histogram<u64>,
}

impl SendTally {
    pub(super) fn new() -> Result<Self, Failure> {
        let latency_us = Histogram::new(3).map_err(|error| {
            Failure::could_not(text!("measure", "測定できません"), Text::same(error))
        })?;
        Ok(Self { answers: BTreeMap::new(), failures: BTreeMap::new(), latency_us })
    }

    pub(super) fn answered(&mut self, answer: &SenderResponse, latency: Duration) {
        *self.answers.entry((answer.status, message(&answer.body))).or_default() += 1;
        let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        // A histogram without bounds grows to any value.
        self.latency_us.record(latency_us).ok();
    }

    pub(super) fn failed(&mut self, error: &ureq::Error) {
        *self.failures.entry(error.to_string()).or_default() += 1;
    }

    /// Prints the answers of `elapsed`, after which `due` events should have been sent.
    pub(super) fn report(&self, elapsed: Duration, due: u64) -> Result<Exit, Failure> {
        let mut outcomes = output::table(&["answer", "events", "message"]);
        for ((status, message), events) in &self.answers {
            outcomes.add_row([&status.to_string(), &events.to_string(), message]);
        }
        for (failure, events) in &self.failures {
            outcomes.add_row(["none", &events.to_string(), failure]);
        }
        output::print(&outcomes)?;
        let sent: u64 = self.answers.values().chain(self.failures.values()).sum();
        let interrupted = || {
            let why = text!(
                "interrupted after {sent} of {due} events",
                "{due} 件のうち {sent} 件で中断されました"
            );
            Failure::could_not(text!("send all events", "すべては送信できませんでした"), why)
        };
        if self.answers.is_empty() {
            return Err(if sent < due {
                interrupted()
            } else {
                let why = text!("no delivery was answered", "どの配信にも応答がありません");
                Failure::could_not(text!("reach the receiver", "受信側に接続できません"), why)
                    .advise(text!(
                        "check whether it runs, and --url",
                        "起動しているか、--url が正しいかを確認してください"
                    ))
            });
        }
        self.print_latency(elapsed)?;
        if sent < due {
            return Err(interrupted());
        }
        let all_well =
            self.failures.is_empty() && self.answers.keys().all(|(status, _)| *status == 200);
        Ok(if all_well { Exit::Done } else { Exit::FoundWrong })
    }

    fn print_latency(&self, elapsed: Duration) -> Result<(), Failure> {
        let milliseconds = |quantile| {
            let us = self.latency_us.value_at_quantile(quantile);
            format!("{}.{:03}", us / 1000, us % 1000)
        };
        output::print(format_args!(
            "latency in ms: p50 {}, p95 {}, p99 {}, max {}",
            milliseconds(0.5),
            milliseconds(0.95),
            milliseconds(0.99),
            milliseconds(1.0)
        ))?;
        let rate = u128::from(self.latency_us.len()) * 1000 / elapsed.as_millis().max(1);
        output::print(format_args!(
            "{} answered in {} ms, {rate} per second",
            self.latency_us.len(),
            elapsed.as_millis()
        ))
    }
}

/// Returns the message of an error that a receiver explains as this service does.
fn message(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    message.chars().filter(|it| !it.is_control()).take(MESSAGE_MAX).collect()
}
