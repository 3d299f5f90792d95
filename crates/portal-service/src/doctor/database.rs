//! The database: it opens, has the right schema, takes writes, its server's clock agrees with this
//! machine's, and no event is dead or awaits its object.

use portal_domain::money::{counted, number_for_people};
use portal_domain::signature::ClocksApart;
use portal_domain::{Backlog, Store, Tolerance, UnixSeconds, text};

use super::finding::{Check, CheckFinding};

/// Checks that the open database takes writes, and compares the clocks; `place` is shown.
pub(super) async fn writes(
    place: &str,
    store: &dyn Store,
    tolerance: Tolerance,
    now: UnixSeconds,
) -> Vec<CheckFinding> {
    match store.ping(now).await {
        Ok(theirs) => {
            let takes = text!(
                "{place} opens, has the current schema and takes writes",
                "{place} を開けます。スキーマは最新で、書き込めます"
            );
            let ahead = theirs.map_or(0, |theirs| now.since(theirs));
            let takes = CheckFinding::ok(Check::Database, takes);
            [Some(takes), clocks(ahead, tolerance)].into_iter().flatten().collect()
        }
        Err(error) => {
            let what = text!("write to the database", "データベースに書き込めません");
            vec![CheckFinding::store_failed(Check::Database, &what, &error)]
        }
    }
}

/// Reports events that are dead or await their object.
pub(super) async fn backlog(
    store: &dyn Store,
    dead_events_max: u64,
    has_key: bool,
) -> Vec<CheckFinding> {
    match store.backlog().await {
        Ok(backlog) => judge(&backlog, dead_events_max, has_key),
        Err(error) => {
            let what = text!("count dead events", "処理できなかったイベントを数えられません");
            vec![CheckFinding::store_failed(Check::Database, &what, &error)]
        }
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
