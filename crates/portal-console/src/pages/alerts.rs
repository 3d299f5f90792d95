//! Alerts: those that go on first, and one alert with what to do.

mod act;
mod test;

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::alert::STORE_UNAVAILABLE;
use portal_domain::ids::AlertKey;
use portal_domain::{Action, Advise as _, Alert, AlertFilter, AlertRow, AlertState, Notification};
use portal_outbound::{MessageContext, text};

use crate::Desk;
use crate::acting::may_act;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::table;
use crate::words;

pub(crate) use act::{
    AlertAct, acknowledge, act_on_alert, confirm_acknowledge, confirm_silence, silence, unsilence,
};
pub(crate) use test::{confirm_test, test, test_channels};

/// The most alerts on the page.
const ALERTS_MAX: u32 = 100;

pub(crate) async fn alerts(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let mut alerts = desk.store.alerts(AlertFilter::All, ALERTS_MAX).await?;
    alerts.sort_by_key(|it| it.state() != AlertState::Open);
    let is_open = |it: &&AlertRow| it.state() == AlertState::Open;
    let (open, past): (Vec<_>, Vec<_>) = alerts.iter().partition(is_open);
    let past_label = page.pick("Ended, and messages", "解消したもの・お知らせ");
    Ok(PageContent {
        title: page.pick("Alerts", "アラート").to_owned(),
        body: html! {
            @if open.is_empty() {
                p .ok { (page.pick("✓ No alert is open.", "✓ 未解決のアラートはありません。")) }
            } @else {
                (alert_table(desk, page, page.pick("Open alerts", "未解決のアラート"), &open))
            }
            @if !past.is_empty() {
                h2 { (past_label) }
                (alert_table(desk, page, past_label, &past))
            }
            @if may_act(page) {
                p .no-print { a .button href="/ops/alerts/test" { (page.pick("Test the channels …", "通知先をテスト…")) } }
            }
        },
    })
}

fn alert_table(desk: &Desk, page: &PageRequest, label: &str, alerts: &[&AlertRow]) -> Markup {
    let columns = [
        (page.pick("Severity", "重要度"), false),
        (page.pick("Alert", "アラート"), false),
        (page.pick("Since", "開始"), false),
        (page.pick("Noticed", "回数"), true),
        (page.pick("Notified", "通知済み"), false),
    ];
    let rows = html! {
        @for row in alerts {
            @let (class, severity) = severity(page, row);
            tr {
                td { span class=(class) { (severity) } }
                td .wrap { a href={ "/ops/alerts/" (row.key) } { (summary(desk, page, row)) } }
                td { (time(page, row.since)) }
                td .number { (row.count) }
                td { (channels(page, row)) }
            }
        }
    };
    table(label, &columns, &rows)
}

fn severity(page: &PageRequest, row: &AlertRow) -> (&'static str, &'static str) {
    match row.state() {
        AlertState::Open => words::severity(page, row.alert.severity()),
        AlertState::Ended => ("ok", page.pick("✓ ended", "✓ 解消")),
        AlertState::Once => ("quiet", page.pick("● message", "● お知らせ")),
    }
}

fn channels(page: &PageRequest, row: &AlertRow) -> Markup {
    let failed: Vec<_> = row.failed.iter().map(|it| &*it.channel).collect();
    html! {
        (row.notified.join(", "))
        @if !failed.is_empty() {
            " " span .warn { "▲ " (page.pick("failed: ", "失敗: ")) (failed.join(", ")) }
        }
    }
}

/// The text of the channels, in the language of the page.
fn message(desk: &Desk, page: &PageRequest, row: &AlertRow) -> String {
    let context = MessageContext {
        locale: page.locale.clone(),
        // This is its page.
        console_url: None,
        ..desk.context.clone()
    };
    let action = if row.state() == AlertState::Ended { Action::Resolve } else { Action::Trigger };
    let AlertRow { key, alert, count, since, changed_at, times, .. } = row.clone();
    text(&Notification { key, action, alert, count, since, changed_at, times }, &context)
}

fn summary(desk: &Desk, page: &PageRequest, row: &AlertRow) -> String {
    message(desk, page, row).lines().next().unwrap_or_default().to_owned()
}

pub(crate) async fn alert(
    desk: Arc<Desk>,
    page: PageRequest,
    key: String,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let Some(row) = &named(desk, &key).await? else {
        return store_alert(desk, page, &key).await;
    };
    let (class, severity) = severity(page, row);
    let message = message(desk, page, row);
    Ok(PageContent {
        title: summary(desk, page, row),
        body: html! {
            p { span class=(class) { (severity) } }
            pre .wrap { (message) }
            dl {
                dt { (page.pick("Kind", "種別")) }
                dd .id { (row.alert.kind()) }
                dt { (page.pick("Since", "開始")) }
                dd { (time(page, row.since)) }
                dt { (page.pick("Last change", "最後の変化")) }
                dd { (time(page, row.changed_at)) }
                dt { (page.pick("Noticed", "回数")) }
                dd { (row.count) }
                dt { (page.pick("Notified", "通知済み")) }
                dd { (channels(page, row)) }
                @if let Some(seen) = &row.acknowledged {
                    dt { (page.pick("Acknowledged", "確認済み")) }
                    dd { (time(page, seen.at)) " · " span .id { (seen.by) } }
                }
                @if let Some(silence) = row.silenced.as_ref().filter(|it| it.until > page.now) {
                    dt { (page.pick("Silenced until", "通知の停止")) }
                    dd { (time(page, silence.until)) " · " span .id { (silence.by) } }
                }
            }
            @if matches!(row.alert, Alert::Test { .. }) {
                p {
                    (page.pick(
                        "A channel is named above once it has taken the message, or failed: within seconds, on Workers within a minute.",
                        "通知先が受け取ったか失敗すると、上に表示されます（数秒以内、Workers では 1 分以内）。",
                    ))
                }
            }
            @if row.key == STORE_UNAVAILABLE { (takes_writes(desk, page).await) }
            (actions(page, row))
            @if row.alert.kind() == "event_dead" && row.state() == AlertState::Open {
                p { a .button href="/ops/events?state=dead" { (page.pick("See the dead events", "処理できなかったイベントを見る")) } }
            }
        },
    })
}

/// The page of the alert that a store which takes no writes cannot hold; its message links here.
async fn store_alert(desk: &Desk, page: &PageRequest, key: &str) -> Result<PageContent, PageError> {
    if key != STORE_UNAVAILABLE {
        return Err(PageError::NoSuchId);
    }
    let title = page.pick("Is the database taking writes?", "データベースに書き込めますか？");
    Ok(PageContent { title: title.to_owned(), body: takes_writes(desk, page).await })
}

/// Tries if the store takes writes: while it takes none, what it holds says nothing about that.
async fn takes_writes(desk: &Desk, page: &PageRequest) -> Markup {
    let Err(error) = desk.store.ping(desk.clock.now()).await else {
        return html! { p .ok { "✓ " (page.pick("The database takes writes now.", "データベースに書き込めます。")) } };
    };
    let why = error.advice().map_or_else(|| error.text(), |it| error.text().then(&it));
    html! {
        p .bad {
            "✕ " (page.pick("The database takes no writes now: ", "データベースに書き込めません: "))
            (page.pick(why.en, why.ja))
        }
        p {
            (page.pick(
                "Deliveries are answered 503, and Stripe sends them again. The alert is kept here once the database takes writes.",
                "配信には 503 を返しており、Stripe が再送します。アラートは、書き込めるようになってからここに記録します。",
            ))
        }
    }
}

/// Returns the alert of that key, or the last changed one of that kind.
async fn named(desk: &Desk, name: &str) -> Result<Option<AlertRow>, PageError> {
    let Some(key) = AlertKey::new(name) else { return Ok(None) };
    if let Some(row) = desk.store.alert(&key).await? {
        return Ok(Some(row));
    }
    let alerts = desk.store.alerts(AlertFilter::All, ALERTS_MAX).await?;
    Ok(alerts.into_iter().find(|it| it.alert.kind() == name))
}

fn actions(page: &PageRequest, row: &AlertRow) -> Markup {
    let is_open = row.state() == AlertState::Open;
    let is_silent = row.silenced.as_ref().is_some_and(|it| it.until > page.now);
    html! {
        @if may_act(page) && is_open {
            p .no-print {
                @if row.acknowledged.is_none() {
                    a .button href={ "/ops/alerts/" (row.key) "/acknowledge" } { (page.pick("Acknowledge …", "確認済みにする…")) }
                    " "
                }
                @if row.key != STORE_UNAVAILABLE {
                    a .button href={ "/ops/alerts/" (row.key) "/silence" } { (page.pick("Silence …", "通知を止める…")) }
                }
            }
            @if is_silent {
                form .no-print method="post" action={ "/ops/alerts/" (row.key) "/unsilence" } {
                    button type="submit" { (page.pick("End the silence", "通知を再開する")) }
                }
            }
        }
    }
}
