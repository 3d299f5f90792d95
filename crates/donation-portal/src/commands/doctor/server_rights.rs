//! The rights of the server, which are not those of this command: root may read and write everything.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portal_domain::text;
use portal_service::doctor::{Check, CheckFinding};
use portal_sqlite::{DatabaseUser, FileOwner};

use crate::database::DatabaseUrl;
use crate::server_answer::{self, ServerAnswer};

/// The time to wait for the server's answer, which includes a trial write.
const DEADLINE: Duration = Duration::from_secs(10);

/// Asks the server at `address` whether it is ready. There is no finding where nobody answers, or
/// another program.
pub(super) fn readiness(address: SocketAddr) -> Option<CheckFinding> {
    judge_readiness(address, &server_answer::ask(address, DEADLINE))
}

fn judge_readiness(address: SocketAddr, answer: &ServerAnswer) -> Option<CheckFinding> {
    match answer {
        ServerAnswer::Ready => {
            let found =
                text!("the server at {address} is ready", "{address} のサーバーは準備完了です");
            Some(CheckFinding::ok(Check::Database, found))
        }
        ServerAnswer::NotReady(why) => Some(CheckFinding::wrong(
            Check::Database,
            text!(
                "the server at {address} is not ready: {why}",
                "{address} のサーバーは準備未完了です: {why}"
            ),
            text!(
                "see the reason in section 5 of the runbook, under `unavailable`",
                "理由は運用手順書の §5、`unavailable` を参照してください"
            ),
        )),
        ServerAnswer::Another(_)
        | ServerAnswer::NotRunning(_)
        | ServerAnswer::NoAnswer(_)
        | ServerAnswer::PortUnknown => None,
    }
}

/// Returns the first file of the database that the server may not write to.
pub(super) fn of_files(home: &DatabaseUrl) -> Option<CheckFinding> {
    let DatabaseUrl::Sqlite(path) = home else { return None };
    let path = fs::canonicalize(path).ok()?;
    let server = server_of(&path)?;
    let folder = path.parent()?.to_owned();
    // To write to a database is to make and delete files beside it.
    let files = portal_sqlite::files_of(&path).map(|it| (it, 0o6));
    let mut all = std::iter::once((folder, 0o3)).chain(files);
    let refused = |(file, needed): (PathBuf, u32)| {
        let is = fs::metadata(&file).ok()?;
        let owner = FileOwner { user: is.uid(), group: is.gid() };
        (!may(server, owner, is.mode(), needed)).then(|| refusal(&file, server, owner, is.mode()))
    };
    all.find_map(refused)
}

/// Returns the user of the process that has the database open, or else whose files they should be.
fn server_of(path: &Path) -> Option<FileOwner> {
    let process = match portal_sqlite::user_of(path) {
        Some(DatabaseUser::Process(id)) => fs::metadata(format!("/proc/{id}")).ok(),
        Some(DatabaseUser::Elsewhere) | None => None,
    };
    let process = process.map(|it| FileOwner { user: it.uid(), group: it.gid() });
    // One of root's may be another command.
    process.filter(|it| it.user != 0).or_else(|| portal_sqlite::owner_of_data(path).ok())
}

/// True if the `needed` bits (4 read, 2 write, 1 search) of a file with this owner and mode are
/// `server`'s.
fn may(server: FileOwner, owner: FileOwner, mode: u32, needed: u32) -> bool {
    let class = if server.user == owner.user {
        6
    } else if server.group == owner.group {
        3
    } else {
        0
    };
    server.user == 0 || mode >> class & needed == needed
}

fn refusal(file: &Path, server: FileOwner, owner: FileOwner, mode: u32) -> CheckFinding {
    let (file, FileOwner { user, group }) = (file.display(), server);
    let (owner, mode) = (owner.user, format!("{:o}", mode & 0o777));
    CheckFinding::wrong(
        Check::Database,
        text!(
            "{file} belongs to user {owner} with mode {mode}: the server, user {user}, may not write to it",
            "{file} はユーザー {owner} のもので（モード {mode}）、ユーザー {user} のサーバーからは書き込めません"
        ),
        text!(
            "give it to the server: chown {user}:{group} '{file}'",
            "サーバーのユーザーに変更してください: chown {user}:{group} '{file}'"
        ),
    )
}

#[cfg(test)]
mod tests {
    use portal_service::doctor::Level;
    use portal_sqlite::FileOwner;

    use super::{ServerAnswer, judge_readiness, may};

    const SERVER: FileOwner = FileOwner { user: 7, group: 8 };

    #[test]
    fn the_rights_are_those_of_owner_group_or_all() {
        let of = |user, group| FileOwner { user, group };
        assert!(may(SERVER, of(7, 0), 0o600, 6));
        assert!(!may(SERVER, of(0, 0), 0o644, 6));
        assert!(may(SERVER, of(0, 8), 0o660, 6));
        assert!(!may(SERVER, of(7, 8), 0o466, 6), "the owner has the owner's rights only");
        assert!(may(SERVER, of(0, 0), 0o666, 6));
        assert!(may(of(0, 0), SERVER, 0o400, 6), "root may do everything");
        assert!(!may(SERVER, of(0, 0), 0o755, 3));
    }

    #[test]
    fn the_server_says_itself_why_it_is_not_ready() {
        let address = "127.0.0.1:8787".parse().unwrap();
        let judged = |answer| judge_readiness(address, &answer);
        let message = "the database is read-only";
        let refused = judged(ServerAnswer::NotReady(message.into()));
        assert!(
            refused.is_some_and(|it| it.level == Level::Wrong && it.found.en.ends_with(message))
        );
        assert!(judged(ServerAnswer::Ready).is_some_and(|it| it.level == Level::Ok));
        assert_eq!(judged(ServerAnswer::Another(200)), None);
        assert_eq!(judged(ServerAnswer::Another(404)), None);
    }
}
