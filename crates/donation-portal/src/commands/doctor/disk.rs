//! The free space beside a database file: a full disk makes every delivery fail.

use indicatif::HumanBytes;
use portal_domain::text;
use portal_service::doctor::{Check, CheckFinding, first_solve_database};

use crate::database::{DatabaseUrl, free_bytes};

/// Less free space than this, weeks of a busy portal, is a warning.
const WARNING_BYTES: u64 = 1024 * 1024 * 1024;

/// Less free space than this is wrong: the write-ahead log alone may need some of it.
const WRONG_BYTES: u64 = 100 * 1024 * 1024;

pub(super) fn check(home: &DatabaseUrl) -> CheckFinding {
    match home {
        DatabaseUrl::Postgres(_) => CheckFinding::not_checked(
            Check::Disk,
            text!("the database is on a server", "データベースはサーバーにあります"),
            text!("monitor the free space there", "空き容量はサーバー側で監視してください"),
        ),
        DatabaseUrl::Sqlite(path) => match free_bytes(path) {
            Ok(free) => judge(free),
            Err(why) => CheckFinding::not_checked(
                Check::Disk,
                text!("could not read the free space: {why}", "空き容量を取得できません: {why}"),
                first_solve_database(),
            ),
        },
    }
}

fn judge(free_bytes: u64) -> CheckFinding {
    let free = HumanBytes(free_bytes);
    let found =
        text!("{free} free beside the database", "データベースのディスクの空きは {free} です");
    let advice = text!(
        "free space, move the database to a larger disk, or delete old events (`donation-portal prune`)",
        "空きを増やすか、データベースを大きなディスクに移すか、古いイベントを削除してください（`donation-portal prune`）"
    );
    if free_bytes < WRONG_BYTES {
        CheckFinding::wrong(Check::Disk, found, advice)
    } else if free_bytes < WARNING_BYTES {
        CheckFinding::warning(Check::Disk, found, advice)
    } else {
        CheckFinding::ok(Check::Disk, found)
    }
}

#[cfg(test)]
mod tests {
    use portal_service::doctor::Level;

    use super::{WARNING_BYTES, WRONG_BYTES, judge};

    #[test]
    fn little_room_is_a_warning_and_very_little_is_wrong() {
        assert_eq!(judge(WARNING_BYTES).level, Level::Ok);
        assert_eq!(judge(WARNING_BYTES - 1).level, Level::Warning);
        assert_eq!(judge(WRONG_BYTES).level, Level::Warning);
        assert_eq!(judge(WRONG_BYTES - 1).level, Level::Wrong);
        assert_eq!(&*judge(3 * WARNING_BYTES).found.en, "3.00 GiB free beside the database");
    }
}
