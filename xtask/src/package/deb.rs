//! The Debian package: lintian finds nothing, and it can be installed, upgraded and removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::debian::is_root;
use xtask::run::{Failure, cargo, command, read, run};
use xtask::steps::NotRun;

use super::folder;

const NAME: &str = "donation-portal";

/// The package that a small Debian lacks, and ours asks for.
const BASE: &str = "--include=systemd-standalone-sysusers";

/// The file whose changes an upgrade must keep.
const SETTINGS: &str = "etc/donation-portal.env";

pub(super) fn check() -> Result<(), Failure> {
    let package = folder()?.join("donation-portal.deb");
    let pack = ["deb", "--profile=dist", "--no-build", "--package", NAME, "--output"];
    run(cargo(&pack).arg(&package))?;
    run(command("lintian", &["--allow-root", "--fail-on=error,warning"]).arg(&package))?;
    if !is_root()? {
        return Err(NotRun("only root can install a package in a folder of its own".into()).into());
    }
    let system = system()?;
    let installed = install_upgrade_remove(&system, &package);
    fs::remove_dir_all(&system)?;
    installed
}

/// Makes a small Debian in a folder.
fn system() -> Result<PathBuf, Failure> {
    let system = folder()?.join("debian");
    if system.exists() {
        fs::remove_dir_all(&system)?;
    }
    run(command("mmdebstrap", &["--quiet", "--variant=minbase", BASE, "bookworm"]).arg(&system))?;
    Ok(system)
}

fn install_upgrade_remove(system: &Path, package: &Path) -> Result<(), Failure> {
    fs::copy(package, system.join("package.deb"))?;
    let settings = system.join(SETTINGS);
    let within = |words: &[&str]| within(system, words);
    run(&mut within(&["dpkg", "--install", "/package.deb"]))?;
    let user = read(&mut within(&["getent", "passwd", NAME]))?;
    expect(user.ends_with(":/usr/sbin/nologin\n"), "the service has no user of its own")?;
    let mode = read(&mut within(&["stat", "--format=%a", &format!("/{SETTINGS}")]))?;
    expect(mode == "600\n", "others may read the settings")?;
    run(&mut within(&[NAME, "--version"]))?;
    run(&mut within(&["test", "-e", "/usr/share/man/man1/donation-portal-serve.1.gz"]))?;

    let changed = fs::read_to_string(&settings)? + "TIME_ZONE=Asia/Tokyo\n";
    fs::write(&settings, &changed)?;
    run(&mut within(&["dpkg", "--install", "/package.deb"]))?;
    expect(fs::read_to_string(&settings)? == changed, "an upgrade has replaced the settings")?;

    run(&mut within(&["dpkg", "--remove", NAME]))?;
    expect(!system.join("usr/bin").join(NAME).exists(), "the program is still there")?;
    expect(settings.exists(), "removing has deleted the settings")?;
    run(&mut within(&["dpkg", "--purge", NAME]))?;
    expect(!settings.exists(), "purging has left the settings")
}

fn within(system: &Path, words: &[&str]) -> Command {
    let mut command = command("chroot", &[]);
    command.arg(system).args(words);
    command
}

fn expect(fulfilled: bool, otherwise: &str) -> Result<(), Failure> {
    if fulfilled { Ok(()) } else { Err(otherwise.into()) }
}
