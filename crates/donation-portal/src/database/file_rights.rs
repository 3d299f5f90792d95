//! The rights of this process on the files of a SQLite database. SQLite's own words name neither the
//! file nor the user.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use portal_domain::{Text, text};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid};

/// A file or folder of another user that this process needs and may not use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OthersFile {
    path: PathBuf,
    owner: u32,
    mode: u32,
    /// The mode that its owner needs.
    needed: u32,
}

/// Returns the first of them, if there is any. Those of this process's own user are not looked at:
/// such a database may be read, and be writable again while the service runs.
pub(super) fn others_file(path: &Path) -> Option<OthersFile> {
    let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok()?;
    // To write to a database is to make and delete files beside it.
    let folder = path.parent().map(|it| (it.to_owned(), Access::WRITE_OK | Access::EXEC_OK, 0o700));
    let file = |it| (it, Access::READ_OK | Access::WRITE_OK, 0o600);
    let mut all = folder.into_iter().chain(portal_sqlite::files_of(&path).map(file));
    all.find_map(|(path, wanted, needed)| {
        let is = fs::metadata(&path).ok()?;
        let is_refused =
            is.uid() != geteuid().as_raw() && access(&path, wanted) == Err(Errno::ACCESS);
        is_refused.then(|| OthersFile { path, owner: is.uid(), mode: is.mode() & 0o777, needed })
    })
}

impl OthersFile {
    pub(super) fn why(&self) -> Text {
        let Self { path, owner, mode, .. } = self;
        let (path, user) = (path.display(), geteuid());
        text!(
            "{path} belongs to user {owner} with mode {mode:o}: this process, user {user}, may not write to it",
            "{path} はユーザー {owner} のもので（モード {mode:o}）、ユーザー {user} のこのプロセスからは書き込めません"
        )
    }

    pub(super) fn advice(&self) -> Text {
        let Self { path, needed, .. } = self;
        let (path, user, group) = (path.display(), geteuid(), getegid());
        text!(
            "correct DATABASE_URL, or, if it is the service's own, give it to that user: chown {user}:{group} '{path}' && chmod {needed:o} '{path}'",
            "DATABASE_URL を直すか、このサービスのものであれば、所有者をこのユーザーに変更してください: chown {user}:{group} '{path}' && chmod {needed:o} '{path}'"
        )
    }
}
