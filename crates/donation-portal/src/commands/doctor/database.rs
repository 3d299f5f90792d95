//! The database: it opens, has the right schema, takes writes, its server's clock agrees with this
//! machine's, and no event is dead or awaits its object.

use portal_domain::money::number_for_people;
use portal_domain::signature::ClocksApart;
use portal_domain::{Advise as _, Backlog, Store, Tolerance, UnixSeconds, text};

use super::finding::{Check, CheckFinding};
use crate::commands::finish;
use crate::database::DatabaseUrl;
use crate::exit::Failure;
use crate::output::counted;

/// Checks that the open database takes writes, and compares the clocks.
pub(super) fn writes(
    home: &DatabaseUrl,
    store: &dyn Store,
    tolerance: Tolerance,
    now: UnixSeconds,
) -> Vec<CheckFinding> {
    if let DatabaseUrl::Sqlite(path) = home
        && let Err(error) = portal_sqlite::quick_check(path)
    {
        let found = text!("{home}: not all of it can be read", "{home} の一部を読み取れません");
        let found = found.about(&error.text());
        let advice = text!(
            "stop the service, keep the file, and restore the last backup (runbook, section 9)",
            "サービスを停止し、ファイルを残したまま、最後のバックアップから復元してください（運用手順書の §9）"
        );
        return vec![CheckFinding::wrong(Check::Database, found, advice)];
    }
    match finish(text!("write to the database", "データベースに書き込めません"), store.ping(now))
    {
        Ok(theirs) => {
            let takes = text!(
                "{home} opens, has the current schema and takes writes",
                "{home} を開けます。スキーマは最新で、書き込めます"
            );
            let ahead = theirs.map_or(0, |theirs| now.since(theirs));
            let takes = CheckFinding::ok(Check::Database, takes);
            [Some(takes), clocks(ahead, tolerance)].into_iter().flatten().collect()
        }
        Err(failure) => vec![failed(Check::Database, &failure)],
    }
}

/// Reports events that are dead or await their object.
pub(super) fn backlog(store: &dyn Store, dead_events_max: u64, has_key: bool) -> Vec<CheckFinding> {
    match finish(
        text!("count dead events", "処理できなかったイベントを数えられません"),
        store.backlog(),
    ) {
        Ok(backlog) => judge(&backlog, dead_events_max, has_key),
        Err(failure) => vec![failed(Check::Database, &failure)],
    }
}

fn clocks(ahead_seconds: i64, tolerance: Tolerance) -> Option<CheckFinding> {
    let found = text!(
        "this machine's clock is {ahead_seconds} s ahead of the database server's",
        "このマシンの時計はデータベースサーバーより {ahead_seconds} 秒進んでいます"
    );
    let advice = text!(
        "correct both clocks (timedatectl set-ntp true); signatures are verified by this one",
        "両方の時計を合わせてください（timedatectl set-ntp true）。署名はこのマシンの時計で検証されます"
    );
    match tolerance.judge_clocks(ahead_seconds) {
        ClocksApart::Little => None,
        ClocksApart::Much => Some(CheckFinding::warning(Check::Database, found, advice)),
        ClocksApart::TooMuch => Some(CheckFinding::wrong(Check::Database, found, advice)),
    }
}

/// Returns the finding for a database error.
pub(super) fn failed(check: Check, failure: &Failure) -> CheckFinding {
    let advice = text!(
        "find the reason in the server's log and in the runbook",
        "サーバーのログと運用手順書で原因を確認してください"
    );
    CheckFinding::failed(check, failure, advice)
}

fn judge(backlog: &Backlog, dead_events_max: u64, has_key: bool) -> Vec<CheckFinding> {
    let found = [dead(backlog, dead_events_max), awaiting(backlog, has_key)];
    let found: Vec<CheckFinding> = found.into_iter().flatten().collect();
    if found.is_empty() {
        return vec![CheckFinding::ok(
            Check::Database,
            text!(
                "no event is dead or awaits its object",
                "処理できなかったイベントも、オブジェクト待ちのイベントもありません"
            ),
        )];
    }
    found
}

fn dead(backlog: &Backlog, dead_events_max: u64) -> Option<CheckFinding> {
    let (en, ja) = (counted(backlog.dead, "event"), number_for_people(backlog.dead));
    let found = text!(
        "{en} dead; their changes are not in the ledger",
        "処理できなかったイベントが {ja} 件あり、台帳に反映されていません"
    );
    let advice = text!(
        "see the reasons with `donation-portal events list --state dead`, then run `donation-portal events retry`",
        "`donation-portal events list --state dead` で理由を確認し、`donation-portal events retry` を実行してください"
    );
    match backlog.dead {
        0 => None,
        dead if dead > dead_events_max => Some(CheckFinding::wrong(Check::Database, found, advice)),
        _ => Some(CheckFinding::warning(Check::Database, found, advice)),
    }
}

fn awaiting(backlog: &Backlog, has_key: bool) -> Option<CheckFinding> {
    let (en, ja) = (
        counted(backlog.awaiting_object, "thin event"),
        number_for_people(backlog.awaiting_object),
    );
    let found =
        text!("{en} awaiting an object", "オブジェクト待ちのシンイベントが {ja} 件あります");
    match (backlog.awaiting_object, has_key) {
        (0, _) => None,
        (_, true) => Some(CheckFinding::ok(
            Check::Database,
            found.then(&text!(
                "the server fetches the objects from Stripe",
                "オブジェクトはサーバーが Stripe から取得します"
            )),
        )),
        (_, false) => Some(CheckFinding::warning(
            Check::Database,
            found,
            text!(
                "set STRIPE_SECRET_KEY, so that the server can fetch the objects from Stripe",
                "サーバーがオブジェクトを Stripe から取得できるように、STRIPE_SECRET_KEY を設定してください"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{Backlog, Tolerance};

    use super::super::finding::Level;
    use super::{clocks, judge};

    fn levels(backlog: Backlog, has_key: bool) -> Vec<Level> {
        judge(&backlog, 2, has_key).into_iter().map(|it| it.level).collect()
    }

    #[test]
    fn an_inbox_without_dead_events_is_as_it_should_be() {
        assert_eq!(levels(Backlog::default(), false), [Level::Ok]);
    }

    #[test]
    fn dead_events_are_a_warning_and_too_many_are_wrong() {
        let backlog = |dead| Backlog { dead, ..Backlog::default() };
        assert_eq!(levels(backlog(2), true), [Level::Warning]);
        assert_eq!(levels(backlog(3), true), [Level::Wrong]);
    }

    #[test]
    fn what_awaits_its_object_needs_a_key() {
        let backlog = Backlog { awaiting_object: 3, ..Backlog::default() };
        assert_eq!(levels(backlog, true), [Level::Ok]);
        assert_eq!(levels(backlog, false), [Level::Warning]);
    }

    #[test]
    fn a_tenth_of_the_tolerance_between_the_clocks_is_a_warning_and_half_of_it_is_wrong() {
        let level = |ahead| clocks(ahead, Tolerance::DEFAULT).map(|it| it.level);
        assert_eq!([level(0), level(-30), level(30)], [None; 3]);
        assert_eq!([level(31), level(-150)], [Some(Level::Warning); 2]);
        assert_eq!([level(151), level(-600)], [Some(Level::Wrong); 2]);
    }
}
