//! A portal to which something has happened: dead events, an alert that goes on and one that has ended, a
//! report with differences, and what operators did about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use portal_harness::http;
use portal_testkit::clock;
use portal_testkit::events::{SECRET, dispute, gift, signature_at};
use portal_testkit::http::{WEBHOOK, delivery};
use portal_testkit::stripe::{Account, CLOVER, Server as StandIn};
use xtask::run::{Failure, command, read, run, wait_for};

use crate::portal::Portal;

/// The key of the stand-in for Stripe.
const KEY: &str = "rk_test_0123456789abcdef";

/// The time in which the service has compared its month with an account that has nothing.
const REPORT_LIMIT: Duration = Duration::from_secs(90);

/// The portal, with the stand-in for Stripe that it asks.
pub(crate) struct TroubledPortal {
    pub(crate) portal: Portal,
    _stripe: StandIn,
}

impl TroubledPortal {
    pub(crate) fn start(program: &Path) -> Result<Self, Failure> {
        let now = Arc::new(AtomicI64::new(clock::now()));
        let stripe = StandIn::start(Account::in_test_mode(CLOVER), KEY, now)?;
        let base = stripe.base();
        // The stand-in answers 404 there, so the channel is failing.
        let slack = format!("{base}/services/T/B/0123456789abcdef");
        let portal = Portal::start(
            program,
            &[
                ("STRIPE_WEBHOOK_SECRET", SECRET),
                ("STRIPE_SECRET_KEY", KEY),
                ("STRIPE_API_BASE", &base),
                ("WEBHOOK_URL", "https://donate.example.org/api/webhooks/stripe"),
                ("SLACK_WEBHOOK_URL", &slack),
            ],
        )?;
        let troubled = Self { portal, _stripe: stripe };
        troubled.deliver()?;
        troubled.wait_for_report(program)?;
        troubled.act(program)?;
        Ok(troubled)
    }

    /// Delivers events that the ledger cannot take, and a dispute that is won.
    fn deliver(&self) -> Result<(), Failure> {
        let dead = ["gone", "seen", "lost"]
            .map(|name| gift(name).replace(r#""currency":"jpy","#, "").replace("true", "false"));
        let (open, won) = (clock::now() - 3600, clock::now() - 60);
        let disputes =
            [dispute("evt_open", "needs_response", open), dispute("evt_won", "won", won)];
        for body in dead.iter().chain(&disputes) {
            let request = delivery(body, &signature_at(clock::now(), SECRET, body));
            let answer = http::exchange(self.portal.webhook, &request)?;
            if answer.status != 200 {
                return Err(format!("{WEBHOOK}: {}: {}", answer.status, answer.body).into());
            }
        }
        Ok(())
    }

    fn wait_for_report(&self, program: &Path) -> Result<(), Failure> {
        wait_for("a completeness report", REPORT_LIMIT, || {
            let mut list = self.command(program, &["reports", "list", "--format", "json"]);
            Ok((!read(&mut list)?.is_empty()).then_some(()))
        })
    }

    /// Does what operators do.
    fn act(&self, program: &Path) -> Result<(), Failure> {
        for arguments in [
            ["events", "acknowledge", "evt_seen"].as_slice(),
            &["events", "ignore", "evt_lost"],
            &["alerts", "silence", "event_dead", "--for", "4h"],
        ] {
            run(&mut self.command(program, arguments))?;
        }
        Ok(())
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> std::process::Command {
        let program: PathBuf = std::fs::canonicalize(program).unwrap_or_else(|_| program.into());
        let mut command = command(program, arguments);
        command.current_dir(self.portal.folder.path()).env_clear();
        command
    }
}
