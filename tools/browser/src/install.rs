//! Chromium from the system's packages, axe from npm.

use std::fs;
use std::path::PathBuf;

use xtask::packages::Packages;
use xtask::run::{Failure, command, read, run, succeeds};
use xtask::steps::NotRun;

const AXE: Packages = Packages { from: "tools/browser/scripts", to: "target/browser/packages" };

/// The programs with their packages on Debian, and a font that has all characters of both languages.
const PACKAGES: [(&str, &str); 2] = [("chromium", "chromium"), ("pdftotext", "poppler-utils")];
const FONT: (&str, &str) = ("Noto Sans CJK JP", "fonts-noto-cjk");

/// Returns the source of axe.
pub(crate) fn axe() -> Result<String, Failure> {
    AXE.npm()?;
    Ok(fs::read_to_string(AXE.path("node_modules/axe-core/axe.min.js"))?)
}

/// Installs Chromium, a font and the reader of PDF where they are missing.
pub(crate) fn chromium() -> Result<(), Failure> {
    let is_there = |name: &str| succeeds(&mut command("sh", &["-c", &format!("type {name}")]));
    let programs = PACKAGES.iter().filter(|(program, _)| !is_there(program));
    let mut missing: Vec<_> = programs.map(|(_, package)| *package).collect();
    let fonts = read(&mut command("fc-list", &[])).unwrap_or_default();
    if !fonts.contains(FONT.0) {
        missing.push(FONT.1);
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root()? {
        return Err(NotRun(format!("missing; install them first: {}", missing.join(" "))).into());
    }
    println!("installing {}", missing.join(" "));
    let quiet = ("DEBIAN_FRONTEND", "noninteractive");
    run(command("apt-get", &["update", "-q"]).envs([quiet]))?;
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    run(command("apt-get", &install).args(missing).envs([quiet]))
}

/// Returns true if this program runs as root, which has no sandbox in Chromium.
pub(crate) fn is_root() -> Result<bool, Failure> {
    Ok(read(&mut command("id", &["-u"]))?.trim() == "0")
}

/// The path of a file that is kept for people.
pub(crate) fn kept(name: &str) -> PathBuf {
    PathBuf::from("target/browser").join(name)
}
