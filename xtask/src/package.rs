//! `package`: what a release is made of, built here and tried: the program, the Debian package, the
//! image, and the manifests judged once more.

mod deb;
mod image;

use std::fs;
use std::path::{Path, PathBuf};

use xtask::checkers;
use xtask::debian::install_programs;
use xtask::run::{Failure, cargo, command, install, read, run, target_folder};
use xtask::steps::Steps;

/// The largest that the program may be without line tables, in bytes.
const PROGRAM_BYTES_MAX: u64 = 15_000_000;

/// The programs that pack and try, with their packages on Debian.
const PROGRAMS: [(&str, &str); 5] = [
    ("mmdebstrap", "mmdebstrap"),
    ("lintian", "lintian"),
    ("podman", "podman"),
    ("runc", "runc"),
    ("strip", "binutils"),
];

/// Takes each part as a step.
pub(crate) fn take(steps: &mut Steps) {
    steps.take("package: program", program);
    steps.take("package: Debian", deb::check);
    steps.take("package: image", image::check);
    steps.take("package: manifests", manifests);
}

/// The folder of all that is packed.
fn folder() -> Result<PathBuf, Failure> {
    let folder = target_folder()?.join("package");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds the program as it is released, with its man pages and completions.
fn program() -> Result<(), Failure> {
    install_programs(&PROGRAMS)?;
    install("cargo-deb", &mut cargo(&["deb", "--version"]))?;
    run(&mut cargo(&["build", "--profile=dist", "--locked", "--package", "donation-portal"]))?;
    let (built, folder) = (target_folder()?.join("dist/donation-portal"), folder()?);
    let bare = folder.join("donation-portal");
    run(command("strip", &["--strip-all", "-o"]).arg(&bare).arg(&built))?;
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    run(command(&built, &["man"]).arg(&man))?;
    let completions = read(&mut command(&built, &["completions", "bash"]))?;
    fs::write(folder.join("donation-portal.bash"), completions)?;
    expect_small(&bare)
}

fn expect_small(program: &Path) -> Result<(), Failure> {
    let bytes = fs::metadata(program)?.len();
    let small = bytes <= PROGRAM_BYTES_MAX;
    let failure =
        || format!("{bytes} bytes without line tables, and {PROGRAM_BYTES_MAX} are allowed");
    if small { Ok(()) } else { Err(failure().into()) }
}

/// Judges the manifests by the rules of others; those that are skipped ask for what only who deploys
/// can decide: the namespace, the digest and the registry of the image, secrets as files.
fn manifests() -> Result<(), Failure> {
    checkers::install()?;
    // Not in the list of the others, because it is as large as all of them and asked once a night.
    run(&mut checkers::checker("pip", &["install", "--quiet", "checkov==3.3.30"]))?;
    let skipped = "CKV_K8S_15,CKV_K8S_21,CKV_K8S_35,CKV_K8S_43,CKV_DOCKER_7";
    let quiet = ["--quiet", "--compact", "--skip-download", "--skip-check", skipped];
    let kubernetes = ["--directory", "deploy/kubernetes", "--framework", "kubernetes"];
    run(checkers::checker("checkov", &quiet).args(kubernetes))?;
    let image = ["--file", "Dockerfile", "--framework", "dockerfile"];
    run(checkers::checker("checkov", &quiet).args(image))
}
