//! The user of the server, because `initdb` and `postgres` refuse to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::postgres::failure::{Failure, could_not};

/// The user of the server's processes and the owner of its files.
#[derive(Debug, Clone)]
pub(crate) enum User {
    /// The user who runs the tests.
    Ourselves,
    /// A user without special rights, if the tests run as root.
    Other {
        /// The name in `/etc/passwd`.
        name: String,
        uid: u32,
        gid: u32,
    },
}

impl User {
    /// Returns the user to run as. For root it is `postgres`, or `nobody` if that does not exist.
    pub(crate) fn of_the_server() -> Result<Self, Failure> {
        if !we_are_root()? {
            return Ok(Self::Ourselves);
        }
        let users = fs::read_to_string("/etc/passwd")
            .map_err(could_not("read the users in /etc/passwd"))?;
        named(&users, "postgres").or_else(|| named(&users, "nobody")).ok_or_else(|| {
            Failure::NoServer("root cannot run it, and there is no user `postgres`".into())
        })
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ourselves => "this user",
            Self::Other { name, .. } => name,
        }
    }

    /// Makes the command run as this user.
    pub(crate) fn runs(&self, command: &mut Command) {
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Makes this user the owner of a file or folder.
    pub(crate) fn owns(&self, path: &Path) -> Result<(), Failure> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { name, uid, gid } => chown(path, Some(*uid), Some(*gid))
                .map_err(could_not(format!("give {} to {name}", path.display()))),
        }
    }
}

/// Returns true if this process runs as root, by the owner of a file that it creates: this needs no
/// system call.
pub(crate) fn we_are_root() -> Result<bool, Failure> {
    let ours = tempfile::tempfile().and_then(|file| file.metadata());
    Ok(ours.map_err(could_not("make a temporary file"))?.uid() == 0)
}

fn named(users: &str, wanted: &str) -> Option<User> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(User::Other { name: name.into(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_read_from_its_line() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        let found = named(users, "postgres");
        assert!(matches!(found, Some(User::Other { uid: 101, gid: 104, .. })));
        assert!(named(users, "post").is_none());
    }
}
