//! The lock files of the workspaces that stand apart name the versions of the main one: they test the
//! same code then, and share what is compiled.

use std::collections::BTreeSet;
use std::fs;

use xtask::run::Failure;

/// Fails where a package that `main` has too has another version beside one of `manifests`.
pub(crate) fn expect_equal(main: &str, manifests: &[&str]) -> Result<(), Failure> {
    let main = fs::read_to_string(main)?;
    for manifest in manifests {
        let lock = manifest.replace(".toml", ".lock");
        let text = fs::read_to_string(&lock)?;
        let others = others(&main, &text);
        if !others.is_empty() {
            let advice =
                format!("`cp Cargo.lock {lock}` and `cargo metadata` there make them equal");
            return Err(format!("{lock} has other versions of {others:?}; {advice}").into());
        }
    }
    Ok(())
}

/// The packages of `lock` that `main` has in other versions only.
fn others<'l>(main: &str, lock: &'l str) -> Vec<(&'l str, &'l str)> {
    let main: BTreeSet<_> = packages(main).collect();
    let is_in_main = |name: &str| main.iter().any(|it| it.0 == name);
    packages(lock).filter(|it| is_in_main(it.0) && !main.contains(it)).collect()
}

/// Each package with its version, which stands in the next line.
fn packages(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    lock.lines().zip(lock.lines().skip(1)).filter_map(|(name, version)| {
        Some((quoted(name, "name = ")?, quoted(version, "version = ")?))
    })
}

fn quoted<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::others;

    const MAIN: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
        [[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n\
        [[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";

    #[test]
    fn a_version_that_the_main_lock_file_has_is_taken() {
        assert_eq!(others(MAIN, "[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n"), []);
    }

    #[test]
    fn another_version_is_found() {
        let lock = MAIN.replacen("1.0.0", "1.0.1", 1);
        assert_eq!(others(MAIN, &lock), [("a", "1.0.1")]);
    }

    #[test]
    fn a_package_that_the_main_lock_file_lacks_may_have_any_version() {
        assert_eq!(others(MAIN, &MAIN.replace("\"a\"", "\"c\"")), []);
    }
}
