//! The lock files of the workspaces that stand apart name the versions of the main one: they test the
//! same code then, and share what is compiled. What they alone need may bring others beside these.

use std::collections::BTreeSet;
use std::fs;

use xtask::run::Failure;

/// Fails where a package that `main` has too has another version in place of that one beside one of
/// `manifests`.
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

/// The packages of `lock` that `main` has in another version, where that is not in `lock` as well or
/// could not be beside it.
fn others<'l>(main: &str, lock: &'l str) -> Vec<(&'l str, &'l str)> {
    let main: BTreeSet<_> = packages(main).collect();
    let is_in_place = |&(name, version): &(&str, &str)| {
        let mut in_main = main.iter().filter(|it| it.0 == name).peekable();
        let is_shared = packages(lock).any(|it| it.0 == name && main.contains(&it));
        in_main.peek().is_some() && (!is_shared || in_main.any(|it| line(it.1) == line(version)))
    };
    packages(lock).filter(|it| !main.contains(it)).filter(is_in_place).collect()
}

/// The beginning that versions share of which cargo takes one: `0.8` of `0.8.4`, `1` of `1.0.2`.
fn line(version: &str) -> &str {
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    let end = version.match_indices('.').nth(parts - 1).map(|it| it.0);
    end.and_then(|it| version.get(..it)).unwrap_or(version)
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
    fn a_version_beside_that_of_the_main_lock_file_is_taken() {
        let beside = format!("{MAIN}\n[[package]]\nname = \"a\"\nversion = \"0.9.0\"\n");
        assert_eq!(others(MAIN, &beside), []);
        let instead = "[[package]]\nname = \"a\"\nversion = \"0.9.0\"\n";
        assert_eq!(others(MAIN, instead), [("a", "0.9.0")]);
        let of_one_line = MAIN.replace("2.0.0", "2.0.1");
        assert_eq!(others(MAIN, &of_one_line), [("b", "2.0.1")]);
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
