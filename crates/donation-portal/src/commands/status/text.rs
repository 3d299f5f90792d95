//! One screen for people.

use indicatif::{HumanBytes, HumanCount};
use portal_domain::{Backlog, JobRow, UnixSeconds};
use portal_outbound::{Language, Locale, duration};
use portal_service::status::{ChannelState, LastDelivery, LastHour, OpenAlert, StoreStatus};

use super::{DatabasePlace, Overall};
use crate::output;
use crate::server_answer::ServerAnswer;

/// Returns the verdict, then one subject a line, then the open alerts.
pub(super) fn text(overall: &Overall, locale: &Locale) -> String {
    let language = locale.language;
    let mut rows = vec![(
        language.pick("server", "サーバー"),
        language.choose(&overall.server.text()).to_owned(),
    )];
    match &overall.store {
        Ok(store) => rows.extend(of_store(store, overall, locale)),
        Err(failure) => {
            let why = language.choose(&failure.text()).to_owned();
            rows.push((language.pick("database", "データベース"), why));
        }
    }
    if let Err(failure) = &overall.channels {
        let why = language.choose(&failure.text()).to_owned();
        rows.push((language.pick("channels", "通知先"), why));
    }
    rows.push((language.pick("disk", "ディスク"), disk(&overall.place, language)));
    rows.push((language.pick("clock", "時計"), clock(overall, language)));
    let rows = rows.into_iter().map(|(label, found)| vec![label.to_owned(), found]);
    let mut parts = vec![verdict(overall, language), output::aligned(rows)];
    let open = overall.store.iter().flat_map(|it| &it.open_alerts);
    let open: Vec<_> = open.map(|it| alert(it, overall.now, language)).collect();
    if !open.is_empty() {
        parts.push(output::aligned(open));
    }
    parts.join("\n\n")
}

fn verdict(overall: &Overall, language: Language) -> String {
    let not_ready = language.pick("not ready", "準備未完了");
    let ready = match overall.server {
        ServerAnswer::Ready => language.pick("ready", "準備完了"),
        ServerAnswer::PortUnknown => language.pick("unknown if ready", "準備完了かどうかは不明"),
        ServerAnswer::NotReady(_)
        | ServerAnswer::Another(_)
        | ServerAnswer::NotRunning(_)
        | ServerAnswer::NoAnswer(_) => not_ready,
    };
    let open = match &overall.store {
        Err(_) => language.pick(
            "the database cannot be read".to_owned(),
            "データベースを読み取れません".to_owned(),
        ),
        // A store that takes nothing has no alert about that.
        Ok(store) if store.has_nothing_open() && ready == not_ready => {
            return ready.to_owned();
        }
        Ok(store) if store.has_nothing_open() => {
            language.pick("nothing is open".to_owned(), "発生中の問題はありません".to_owned())
        }
        Ok(store) => {
            let (alerts, dead) = (store.open_alerts.len(), store.backlog.dead);
            language.pick(
                format!("open alerts: {alerts}, dead events: {}", counted(dead)),
                format!(
                    "発生中のアラート {alerts} 件、処理できなかったイベント {} 件",
                    counted(dead)
                ),
            )
        }
    };
    language.pick(format!("{ready}; {open}"), format!("{ready}。{open}"))
}

fn of_store(
    store: &StoreStatus,
    overall: &Overall,
    locale: &Locale,
) -> Vec<(&'static str, String)> {
    let language = locale.language;
    let left = overall.read_budget.saturating_sub(store.reads_spent);
    let (left, budget) = (HumanCount(left), HumanCount(overall.read_budget));
    let mut rows = vec![
        (
            language.pick("last delivery", "最後の配信"),
            last_delivery(store.last_delivery, overall.now, locale),
        ),
        (language.pick("last hour", "直近 1 時間"), last_hour(&store.last_hour, locale)),
        ("", not_in_store(language).to_owned()),
        (language.pick("inbox", "受信箱"), inbox(&store.backlog, language)),
        (
            language.pick("reads left", "読み取り"),
            language.pick(
                format!("{left} of {budget} at Stripe in 30 days"),
                format!("Stripe の読み取り回数は、30 日間の {budget} 回のうち残り {left} 回"),
            ),
        ),
        (language.pick("last backup", "バックアップ"), backup(store.backup_at, overall, locale)),
    ];
    let jobs = store.jobs.iter().map(|it| job(it, overall.now, language));
    rows.extend(jobs.map(|found| (language.pick("job", "ジョブ"), found)));
    rows
}

fn last_delivery(last: LastDelivery, now: UnixSeconds, locale: &Locale) -> String {
    let language = locale.language;
    let none = match last {
        LastDelivery::At(at) => return with_age(at, now, locale),
        LastDelivery::NotRecent => language
            .pick("none among the last 1,000 events", "最近の 1,000 件のイベントにはありません"),
        LastDelivery::NoEvent => {
            language.pick("none: no event is recorded yet", "まだ 1 件も記録されていません")
        }
    };
    none.to_owned()
}

/// Returns the sentence on deliveries that leave no trace in the database.
fn not_in_store(language: Language) -> &'static str {
    language.pick(
        "repeats and refused deliveries: unknown here, the server's log has them",
        "重複した配信と拒否した配信は不明（サーバーのログにあります）",
    )
}

fn last_hour(hour: &LastHour, locale: &Locale) -> String {
    let LastHour { processed, ignored, awaiting_object, dead, reconciled, counted_since } = hour;
    let (delivered, language) = (hour.delivered(), locale.language);
    let since = counted_since.map_or_else(String::new, |at| {
        let at = locale.time(at);
        language.pick(format!("since {at}: "), format!("{at} 以降、"))
    });
    let recorded = language.pick(
        format!(
            "{delivered} recorded ({processed} processed, {ignored} ignored, {awaiting_object} awaiting their object, {dead} dead), {reconciled} fetched from Stripe"
        ),
        format!(
            "記録 {delivered} 件（処理済み {processed}、対象外 {ignored}、オブジェクト待ち {awaiting_object}、処理できなかったもの {dead}）、Stripe から取得 {reconciled} 件"
        ),
    );
    since + &recorded
}

fn inbox(backlog: &Backlog, language: Language) -> String {
    let (dead, awaiting) = (counted(backlog.dead), counted(backlog.awaiting_object));
    language.pick(
        format!("{dead} dead, {awaiting} awaiting their object; all others processed or ignored"),
        format!(
            "処理できなかったイベント {dead} 件、オブジェクト待ち {awaiting} 件。ほかは処理済みか対象外"
        ),
    )
}

fn backup(at: Option<UnixSeconds>, overall: &Overall, locale: &Locale) -> String {
    let language = locale.language;
    match (at, &overall.place) {
        (Some(at), DatabasePlace::File { .. }) => with_age(at, overall.now, locale),
        (None, DatabasePlace::File { .. }) => language
            .pick("none by `donation-portal backup`", "`donation-portal backup` の記録がありません")
            .to_owned(),
        (_, DatabasePlace::Server { .. }) => language
            .pick(
                "unknown: the server's are not known here",
                "不明（サーバー側のものは分かりません）",
            )
            .to_owned(),
    }
}

fn job(job: &JobRow, now: UnixSeconds, language: Language) -> String {
    let JobRow { name, leased_at, due_at } = job;
    let ago = duration(now.since(*leased_at).max(0), language);
    let wait = due_at.since(now);
    let due = if wait > 0 {
        let wait = duration(wait, language);
        language.pick(format!("next in {wait}"), format!("次は {wait}後"))
    } else {
        language.pick("next when there is work", "次は用ができたとき").to_owned()
    };
    language
        .pick(format!("{name}: last {ago} ago, {due}"), format!("{name}: 前回は {ago}前、{due}"))
}

fn disk(place: &DatabasePlace, language: Language) -> String {
    let unknown = || language.pick("unknown", "不明").to_owned();
    let (free, size) = match place {
        DatabasePlace::File { free_bytes, size_bytes } => (free_bytes, size_bytes),
        DatabasePlace::Server { .. } => {
            return language
                .pick(
                    "unknown: the database is on a server",
                    "不明（データベースはサーバーにあります）",
                )
                .to_owned();
        }
    };
    let bytes = |it: &Option<u64>| it.map_or_else(unknown, |it| HumanBytes(it).to_string());
    let (free, size) = (bytes(free), bytes(size));
    language.pick(
        format!("{free} free; size of the database: {size}"),
        format!("空き {free}。データベースの大きさは {size}"),
    )
}

fn clock(overall: &Overall, language: Language) -> String {
    let by_stripe = overall.store.as_ref().ok().and_then(|it| it.clock).map(|it| it.ahead_seconds);
    let (ahead, whose, whose_ja) = match overall.place {
        DatabasePlace::File { .. } => (by_stripe, "Stripe's", "Stripe "),
        DatabasePlace::Server { clock_ahead_seconds } => {
            (clock_ahead_seconds, "the database server's", "データベースサーバー")
        }
    };
    match ahead {
        None => language
            .pick(
                "unknown: `donation-portal doctor` compares it with Stripe's",
                "不明（`donation-portal doctor` が Stripe の時計と比べます）",
            )
            .to_owned(),
        // The time of the question itself is no difference.
        Some(-1..=1) => {
            language.pick(format!("agrees with {whose}"), format!("{whose_ja}の時計と合っています"))
        }
        Some(seconds @ 2..) => language.pick(
            format!("{seconds} s ahead of {whose}"),
            format!("{whose_ja}の時計より {seconds} 秒進んでいます"),
        ),
        Some(seconds) => {
            let behind = seconds.saturating_abs();
            language.pick(
                format!("{behind} s behind {whose}"),
                format!("{whose_ja}の時計より {behind} 秒遅れています"),
            )
        }
    }
}

/// Returns the cells of an open alert: what, how serious, how long, and each channel's state.
fn alert(open: &OpenAlert, now: UnixSeconds, language: Language) -> Vec<String> {
    let lasts = duration(now.since(open.since).max(0), language);
    let channel = |(name, state): &(String, ChannelState)| {
        let state = match state {
            ChannelState::Sent => language.pick("sent", "送信済み"),
            ChannelState::Failed => language.pick("failed", "送信失敗"),
            ChannelState::Waiting => language.pick("waiting", "送信待ち"),
        };
        format!("{name}: {state}")
    };
    let mut cells = vec![
        open.key.clone(),
        open.alert.severity().name().to_owned(),
        language.pick(format!("for {lasts}"), format!("{lasts}前から")),
    ];
    cells.extend(open.channels.iter().map(channel));
    cells
}

fn with_age(at: UnixSeconds, now: UnixSeconds, locale: &Locale) -> String {
    let (time, language) = (locale.time(at), locale.language);
    let age = duration(now.since(at).max(0), language);
    language.pick(format!("{time}, {age} ago"), format!("{time}（{age}前）"))
}

/// Returns a count that goes no further than [`Backlog::COUNTED_MAX`].
fn counted(count: u64) -> String {
    let more = if count >= Backlog::COUNTED_MAX { "+" } else { "" };
    format!("{}{more}", HumanCount(count))
}
