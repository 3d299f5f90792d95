//! The image: it runs without any right and writes only to its volume; what it has acknowledged is
//! there after it was stopped and started.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use xtask::chance::Chance;
use xtask::debian::is_root;
use xtask::run::{Failure, command, read, run, succeeds, wait_for};
use xtask::steps::NotRun;

use super::folder;

const IMAGE: &str = "localhost/donation-portal:packaged";
const BASE: &str = "localhost/donation-portal-base:packaged";
const NAME: &str = "donation-portal-packaged";
const VOLUME: &str = "donation-portal-packaged";

/// The packages of the image's base: those of distroless `cc`.
const PACKAGES: &str = "--include=libc6,libgcc-s1,ca-certificates,tzdata";

/// The rights that it runs with: none. Names of users and of the host are not needed either.
const RIGHTS: [&str; 10] = [
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--user=65532:65532",
    "--tmpfs=/tmp:size=64m",
    "--ulimit=nofile=4096:4096",
    "--ulimit=nproc=256:256",
    "--memory=512m",
    "--network=host",
    "--volume=donation-portal-packaged:/data",
];

/// The time that it may take to be ready.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The number of events that are delivered.
const DELIVERIES: &str = "20";

pub(super) fn check() -> Result<(), Failure> {
    if !is_root()? {
        return Err(NotRun("podman is tried as root only".into()).into());
    }
    build()?;
    clear();
    let outcome = deliver_stop_start();
    clear();
    outcome
}

/// Builds it from the Dockerfile, on a base made from Debian's packages and with the program that is
/// there: neither the registries nor the network are needed.
fn build() -> Result<(), Failure> {
    let folder = folder()?;
    let (base, stage) = (folder.join("base.tar"), folder.join("stage"));
    fs::create_dir_all(stage.join("data"))?;
    fs::copy(folder.join("donation-portal"), stage.join("donation-portal"))?;
    run(command("mmdebstrap", &["--quiet", "--variant=extract", PACKAGES, "bookworm"]).arg(&base))?;
    run(podman(&["import"]).arg(&base).arg(BASE))?;
    let build = ["build", "--format=docker", "--tag", IMAGE, "--build-arg"];
    let stage = format!("build={}", stage.display());
    run(podman(&build).arg(format!("RUNTIME={BASE}")).args(["--build-context", &stage, "."]))
}

fn deliver_stop_start() -> Result<(), Failure> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let secret =
        format!("STRIPE_WEBHOOK_SECRET=whsec_{:032x}", Chance::new(Chance::fresh_seed()).draw());
    let address = format!("LISTEN_ADDR=127.0.0.1:{port}");
    let settings = ["--env", &secret, "--env", &address, "--env", "OPERATOR_ADDR=off"];
    run(podman(&["run", "--detach", "--name", NAME]).args(settings).args(RIGHTS).arg(IMAGE))?;
    ready()?;
    let url = format!("http://127.0.0.1:{port}/api/webhooks/stripe");
    run(&mut within(&["send", "--donations", DELIVERIES, "--even-if-production", "--url", &url]))?;
    let before = donations()?;
    if before.is_empty() {
        return Err("no donation is there".into());
    }
    run(&mut podman(&["stop", "--time=15", NAME]))?;
    let ended = read(&mut podman(&["inspect", "--format={{.State.ExitCode}}", NAME]))?;
    if ended.trim() != "0" {
        return Err(format!("SIGTERM ended it with {}", ended.trim()).into());
    }
    run(&mut podman(&["start", NAME]))?;
    ready()?;
    if donations()? != before {
        return Err("other donations are there than before it was stopped".into());
    }
    Ok(())
}

fn ready() -> Result<(), Failure> {
    wait_for("the container to be ready", START_LIMIT, || {
        Ok(succeeds(&mut within(&["health", "--ready"])).then_some(()))
    })
}

fn donations() -> Result<String, Failure> {
    read(&mut within(&["donations", "list", "--format", "json", "--limit", "1000"]))
}

fn within(words: &[&str]) -> Command {
    let mut command = podman(&["exec", NAME, "donation-portal"]);
    command.args(words);
    command
}

/// Removes container and volume, where there are any.
fn clear() {
    for words in [["rm", "--force", NAME], ["volume", "rm", VOLUME]] {
        succeeds(&mut podman(&words));
    }
}

/// podman without systemd, which no build machine has.
fn podman(words: &[&str]) -> Command {
    let mut podman = command("podman", &["--runtime=runc", "--cgroup-manager=cgroupfs"]);
    podman.args(words);
    podman
}
