//! Chromium from the system's packages, axe from npm.

use std::fs;
use std::path::PathBuf;

use xtask::debian::{install, install_programs};
use xtask::packages::Packages;
use xtask::run::{Failure, command, read};

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
    install_programs(&PACKAGES)?;
    let fonts = read(&mut command("fc-list", &[])).unwrap_or_default();
    if fonts.contains(FONT.0) { Ok(()) } else { install(&[FONT.1]) }
}

/// The path of a file that is kept for people.
pub(crate) fn kept(name: &str) -> PathBuf {
    PathBuf::from("target/browser").join(name)
}
