//! The cases that every host's HTTP surface must pass.

use std::fs;
use std::path::Path;

use portal_contract::host::{CASES, Host, Witness, run_all};
use portal_harness::delivery::{Deliveries, IdShape, Ids, SECRET};
use portal_harness::http::{self, Answer};
use portal_harness::worker::{Local, deliver, start_bare, start_bare_with};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use xtask::chance::Chance;
use xtask::run::Failure;

/// Runs all cases, and looks behind the answers.
pub(crate) fn on_d1(receiver: &Local, _: &Path) -> Result<(), Failure> {
    run(receiver, Some(Box::new(Behind(receiver.clone()))))
}

/// A Worker without its database takes nothing, and says which bindings it has.
pub(crate) fn without_d1(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let _running = start_bare(receiver)?;
    let Answer { status, body, .. } = http::get(receiver.address, "/health/ready")?;
    println!("{status} {body}");
    let names = ["DATABASE_URL: ", "bound here: ", "STRIPE_WEBHOOK_SECRET"];
    let told = names.iter().all(|it| body.contains(it)) && !body.contains(SECRET);
    if status == 503 && told { Ok(()) } else { Err("not what a caller should be told".into()) }
}

/// A Worker whose other settings are wrong records all the same, and names them.
pub(crate) fn with_wrong_settings(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let wrong = [
        ("TIME_ZONE", "Europe/Berlin"),
        ("ALERT_LANGUAGE", "JA"),
        ("SLACK_WEBHOOK_URL", "\"https://hooks.slack.com/services/T/B/canary\""),
    ];
    let _running = start_bare_with(receiver, &wrong)?;
    let id = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    deliver(receiver, &Deliveries::new()?.request(&id))?;
    let Answer { status, body, .. } = http::get(receiver.address, "/health/ready")?;
    println!("{status} {body}");
    let is_told = wrong.iter().all(|(name, _)| body.contains(name));
    let lines = receiver.lines()?;
    let is_logged = |name: &str| {
        lines.iter().any(|it| it["outcome"] == "misconfigured" && it["reason"] == name)
    };
    let is_logged = wrong.iter().all(|(name, _)| is_logged(name));
    if status != 200 || !is_told || !is_logged || receiver.end_of_log().contains("canary") {
        return Err("wrong settings are not told as they should be".into());
    }
    let found = receiver.database()?.ids()?;
    if found == [id] { Ok(()) } else { Err(format!("the inbox holds {found:?}").into()) }
}

fn run(receiver: &Local, witness: Option<Box<dyn Witness>>) -> Result<(), Failure> {
    let _running = start_bare(receiver)?;
    let host = Host::new(&format!("http://{}", receiver.address), SECRET, witness);
    let failed = run_all(&host, |case, outcome| {
        if let Err(failure) = outcome {
            println!("{}: {failure}", case.name);
        }
    });
    println!("{} of {} cases passed", CASES.len() - failed.len(), CASES.len());
    if failed.is_empty() { Ok(()) } else { Err(failed.join(", ").into()) }
}

/// The log, the rows and the files of the Worker.
struct Behind(Local);

impl Witness for Behind {
    fn log(&self) -> Result<Vec<Value>, Failure> {
        self.0.lines()
    }

    fn inbox(&self) -> Result<Vec<String>, Failure> {
        self.0.database()?.ids()
    }

    fn state(&self, id: &str) -> Result<String, Failure> {
        let file = self.0.database_file()?;
        let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let select = "select state from event where id = ?1";
        Ok(database.query_row(select, [id], |row| row.get(0))?)
    }

    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let read = |file: &Path| Ok((file.display().to_string(), fs::read(file)?));
        self.0.kept()?.iter().map(|file| read(file)).collect()
    }
}
