//! Which test program is which suite: cargo names a program as it runs it, but not its package.

use std::collections::HashMap;

use serde_json::Value;

use crate::run::{Failure, cargo, read};
use crate::test::by_store::{STORES, SUITES, Suite};
use crate::test::file_name;

/// The suites by the names of their programs, which are like no other's.
pub(crate) struct Suites(pub(crate) HashMap<String, Suite>);

impl Suites {
    /// Builds all tests, and asks which programs these are.
    pub(crate) fn build() -> Result<Self, Failure> {
        let message_format = "--message-format=json-render-diagnostics";
        let told = read(&mut cargo(&["test", "--workspace", "--no-run", message_format]))?;
        Ok(Self(told.lines().filter_map(program).collect()))
    }
}

/// What one of cargo's messages says, where it is of a suite's program.
fn program(message: &str) -> Option<(String, Suite)> {
    let message = serde_json::from_str::<Value>(message).ok()?;
    let executable = message.get("executable")?.as_str()?;
    let manifest = message.get("manifest_path")?.as_str()?;
    let name = message.pointer("/target/name")?.as_str()?;
    let of_store = |package: &str| manifest.ends_with(&format!("/{package}/Cargo.toml"));
    let store = STORES.into_iter().position(|(_, package)| of_store(package))?;
    let suite = SUITES.into_iter().position(|suite| suite == name)?;
    Some((file_name(executable)?.to_owned(), Suite { suite, store }))
}

#[cfg(test)]
mod tests {
    use super::program;
    use crate::test::by_store::Suite;

    const MESSAGE: &str = r#"{"reason":"compiler-artifact",
        "manifest_path":"/project/crates/portal-postgres/Cargo.toml",
        "target":{"kind":["test"],"name":"stories"},
        "executable":"/project/target/debug/deps/stories-0123456789abcdef"}"#;

    #[test]
    fn a_program_belongs_to_its_packages_store() {
        let found = program(MESSAGE);
        let expected = ("stories-0123456789abcdef".to_owned(), Suite { suite: 1, store: 1 });
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn what_is_no_suite_of_a_store_is_left_alone() {
        assert_eq!(program(&MESSAGE.replace("\"stories\"", "\"sharing\"")), None);
        assert_eq!(program(&MESSAGE.replace("portal-postgres", "portal-http")), None);
        assert_eq!(program("   Compiling portal-http"), None);
    }
}
