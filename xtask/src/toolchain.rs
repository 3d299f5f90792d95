//! The toolchain of the Worker: a compiler for wasm32, `worker-build`, and Cloudflare's `wrangler`
//! with its local runtime, `workerd`.
//!
//! The ordinary ways are rustup, cargo and npm. On machines that cannot have what rustup or
//! `worker-build` would download, a script names another compiler, with all that this takes.

use std::path::{Path, absolute};
use std::process::Command;

use crate::packages::Packages;
use crate::run::{Failure, command, install, read, run, succeeds};
use crate::steps::NotRun;

const TARGET: &str = "wasm32-unknown-unknown";

/// Names that script, which prints the environment to build with.
const OTHER_COMPILER: &str = "WASM32_COMPILER_SCRIPT";

/// Two compilers in one folder would undo each other's work.
const TARGET_FOLDER: &str = "target/wasm32";

/// `wrangler` and the runtime, with the scripts that use them.
pub const CLOUDFLARE: Packages = Packages { from: "xtask/worker", to: "target/worker" };

/// A compiler for wasm32, and what builds Workers with it.
pub struct Toolchain {
    /// The environment of the other compiler, without rustup's.
    environment: Vec<(String, String)>,
    is_other: bool,
}

impl Toolchain {
    /// The other compiler where a script is named, else rustup's own target.
    pub fn find() -> Result<Self, Failure> {
        if let Ok(script) = std::env::var(OTHER_COMPILER) {
            let path = std::env::var("PATH")?;
            let told = read(&mut command(&script, &[]))?;
            let environment = told.lines().filter_map(|line| assignment(line, &path)).collect();
            return Ok(Self { environment, is_other: true });
        }
        if succeeds(&mut command("rustup", &["target", "add", TARGET])) {
            return Ok(Self { environment: Vec::new(), is_other: false });
        }
        Err(NotRun(format!("rustup could not add the target {TARGET}")).into())
    }

    /// Checks that `packages` compile.
    pub fn check(&self, packages: &[&str]) -> Result<(), Failure> {
        let mut check = self.command("cargo")?;
        check.args(["check", "--target", TARGET]);
        run(check.args(selecting(packages)))
    }

    /// Builds the Worker whose crate is in `folder`, into its folder `build`; where `packages` are named,
    /// its own among them, with the features of all of these, so that they share what is compiled.
    pub fn worker_build(&self, folder: &str, packages: &[&str]) -> Result<(), Failure> {
        let mut probe = self.command("worker-build")?;
        install("worker-build", probe.arg("--version"))
            .map_err(|failure| NotRun(format!("worker-build is missing: {failure}")))?;
        let mut build = self.command("worker-build")?;
        build.args(["--profile", "edge"]).current_dir(folder);
        if self.is_other {
            println!("without wasm-opt, which that script does not bring: it would be smaller");
            build.arg("--no-opt");
        }
        build.arg(".").args(selecting(packages));
        run(&mut build)
    }

    fn command(&self, program: &str) -> Result<Command, Failure> {
        let mut command = command(program, &[]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("CARGO_TARGET_DIR", absolute(TARGET_FOLDER)?);
        Ok(command)
    }
}

/// `wrangler`, to be run in `folder`.
pub fn wrangler(folder: impl AsRef<Path>) -> Result<Command, Failure> {
    let program = absolute(CLOUDFLARE.path("node_modules/.bin/wrangler"))?;
    let mut wrangler = command(program, &[]);
    wrangler.current_dir(folder).env("WRANGLER_SEND_METRICS", "false");
    Ok(wrangler)
}

/// The arguments that name `packages` to cargo.
fn selecting<'p>(packages: &'p [&'p str]) -> impl Iterator<Item = &'p str> {
    packages.iter().flat_map(|package| ["--package", package])
}

/// `export NAME=value`, where `$PATH` stands for `path`.
fn assignment(line: &str, path: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
    Some((name.to_owned(), value.replace("$PATH", path)))
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn exports_are_taken_and_nothing_else() {
        let expected = Some(("RUSTC".to_owned(), "/usr/bin/rustc".to_owned()));
        assert_eq!(assignment("export RUSTC=/usr/bin/rustc", "/bin"), expected);
        assert_eq!(assignment("a remark", "/bin"), None);
    }

    #[test]
    fn the_path_grows() {
        let expected = Some(("PATH".to_owned(), "/opt/bin:/bin:/usr/bin".to_owned()));
        assert_eq!(assignment("export PATH=/opt/bin:$PATH", "/bin:/usr/bin"), expected);
    }
}
