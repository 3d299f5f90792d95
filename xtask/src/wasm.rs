//! The crates that also run on Cloudflare Workers compile for wasm32.

use crate::run::{Failure, cargo, command, read, run, succeeds};
use crate::steps::NotRun;

const TARGET: &str = "wasm32-unknown-unknown";

/// The crates that do without files, sockets and threads.
const PACKAGES: [&str; 4] = ["portal-domain", "portal-http", "portal-outbound", "portal-sqlite"];

/// Names a script, on machines that rustup cannot bring a standard library to: it prints the
/// environment of another compiler, which has one.
const OTHER_COMPILER: &str = "WASM32_COMPILER_SCRIPT";

/// Checks with the toolchain's own target, or else with the other compiler.
pub(crate) fn check() -> Result<(), Failure> {
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    let mut check = cargo(&["check", "--target", TARGET]);
    check.args(packages);
    if succeeds(&mut command("rustup", &["target", "add", TARGET])) {
        return run(&mut check);
    }
    let Ok(script) = std::env::var(OTHER_COMPILER) else {
        let missing = format!("rustup could not add the target {TARGET}: wasm32 is not checked");
        return Err(NotRun(missing).into());
    };
    println!("rustup could not add the target; asking {script}");
    let environment = read(&mut command(&script, &[]))?;
    check.envs(environment.lines().filter_map(assignment));
    // Two compilers in one folder would undo each other's work.
    run(check.args(["--target-dir", "target/wasm32"]))
}

/// `export NAME=value`, but not PATH: that one needs a shell, and the check needs no tool.
fn assignment(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("export ")?.split_once('=').filter(|(name, _)| *name != "PATH")
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn only_plain_exports_are_taken() {
        assert_eq!(assignment("export RUSTC=/usr/bin/rustc"), Some(("RUSTC", "/usr/bin/rustc")));
        assert_eq!(assignment("export PATH=/opt/bin:$PATH"), None);
        assert_eq!(assignment("a remark"), None);
    }
}
