//! Installs PostgreSQL if that is allowed, which is mostly in a build container.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::postgres::failure::{Failure, could_not};
use crate::postgres::user;

/// Debian's settings for the server that a package would start.
const SETTINGS: &str = "/etc/postgresql-common";

/// Installs the package, then calls `find`. Of several processes at once only the first installs it.
pub(crate) fn only_once<T>(find: fn() -> Result<T, Failure>) -> Result<T, Failure> {
    if !user::we_are_root()? || !Path::new("/usr/bin/apt-get").exists() {
        return find();
    }
    fs::create_dir_all(SETTINGS).map_err(could_not(format!("make {SETTINGS}")))?;
    let lock = File::open(SETTINGS).map_err(could_not(format!("open {SETTINGS}")))?;
    lock.lock().map_err(could_not(format!("lock {SETTINGS}")))?;
    find().or_else(|_| {
        no_server_of_the_system()?;
        apt_get(&["update", "-q"])?;
        apt_get(&["install", "-y", "-q", "--no-install-recommends", "postgresql"])?;
        find()
    })
}

fn no_server_of_the_system() -> Result<(), Failure> {
    let file = Path::new(SETTINGS).join("createcluster.conf");
    if file.exists() {
        return Ok(());
    }
    fs::write(&file, "create_main_cluster = false\n")
        .map_err(could_not(format!("write {}", file.display())))
}

fn apt_get(words: &[&str]) -> Result<(), Failure> {
    let output = Command::new("apt-get")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .map_err(could_not("run apt-get"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::Program {
        program: format!("apt-get {}", words.join(" ")),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
