//! The cases that every host's HTTP surface must pass.

use std::fs;
use std::path::Path;

use portal_contract::host::{CASES, Host, Witness, run_all};
use portal_harness::delivery::SECRET;
use portal_harness::http::{self, Answer};
use portal_harness::worker::Local;
use portal_harness::worker::start_bare;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
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
