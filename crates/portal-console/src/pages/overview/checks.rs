//! The checks of the first page: a word, a number and the way to more, for each part of the service.

use maud::{Markup, html};
use portal_domain::Report;
use portal_domain::report::Verdict;
use portal_outbound::duration;
use portal_service::status::LastDelivery;

use super::OverviewStatus;
use crate::Desk;
use crate::page_request::PageRequest;

/// The age at which the last report is old, in seconds: one is made each day.
const REPORT_OLD_SECONDS: i64 = 2 * 24 * 3600;

/// A check and what it found.
struct OverviewCheck {
    name: &'static str,
    verdict: CheckVerdict,
    found: String,
    /// The page with more, if there is one.
    to: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum CheckVerdict {
    Well,
    Wrong,
    Warning,
    /// Nobody has looked.
    Unknown,
}

pub(super) fn checks(
    desk: &Desk,
    page: &PageRequest,
    status: &OverviewStatus,
    report: Option<&Report>,
) -> Markup {
    let all = [
        receiving(page, status),
        processing(page, status),
        comparing(page, report),
        endpoint(desk, page, status),
        signatures(page, status),
        channels(desk, page, status),
        reads(desk, page, status),
        backup(page, status),
    ];
    html! {
        h2 { (page.pick("Checks", "点検")) }
        ul .cards {
            @for check in all {
                @let (class, sign) = check.verdict.sign();
                li {
                    h3 { span class=(class) { (sign) } " " (check.name) }
                    p {
                        @if let Some(to) = check.to { a href=(to) { (check.found) } } @else { (check.found) }
                    }
                }
            }
        }
    }
}

impl CheckVerdict {
    /// True stands for what is well.
    fn of(is_well: bool) -> Self {
        if is_well { Self::Well } else { Self::Wrong }
    }

    fn sign(self) -> (&'static str, &'static str) {
        match self {
            Self::Well => ("ok", "✓"),
            Self::Wrong => ("bad", "✕"),
            Self::Warning => ("warn", "▲"),
            Self::Unknown => ("quiet", "?"),
        }
    }
}

fn is_open(status: &OverviewStatus, kind: &str) -> bool {
    status.open_alerts.iter().any(|it| it.alert.kind() == kind)
}

fn receiving(page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let (verdict, found) = match status.last_delivery {
        LastDelivery::At(at) => {
            let age = duration(page.now.since(at).max(0), page.locale.language);
            (
                CheckVerdict::of(!is_open(status, "silence")),
                page.pick(
                    format!("The last event came {age} ago."),
                    format!("最後のイベントは {age}前です。"),
                ),
            )
        }
        LastDelivery::NotRecent => (
            CheckVerdict::Warning,
            page.pick("No event was delivered lately.", "最近配信されたイベントはありません。")
                .to_owned(),
        ),
        LastDelivery::NoEvent => (
            CheckVerdict::Unknown,
            page.pick("Nothing has come yet.", "まだ何も届いていません。").to_owned(),
        ),
    };
    OverviewCheck {
        name: page.pick("Receiving", "受信"),
        verdict,
        found,
        to: Some("/ops/events?state=all"),
    }
}

fn processing(page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let dead = status.backlog.dead;
    let found = match dead {
        0 => page.pick("No event is dead.", "処理できなかったイベントはありません。").to_owned(),
        _ => page.pick(
            format!("{dead} events are dead."),
            format!("処理できなかったイベントが {dead} 件あります。"),
        ),
    };
    OverviewCheck {
        name: page.pick("Processing", "処理"),
        verdict: CheckVerdict::of(dead == 0),
        found,
        to: Some("/ops/events?state=dead"),
    }
}

fn comparing(page: &PageRequest, report: Option<&Report>) -> OverviewCheck {
    let (verdict, found) = match report {
        Some(report) => {
            let age = page.now.since(report.made_at).max(0);
            let verdict = match report.verdict() {
                Verdict::Differences => CheckVerdict::Wrong,
                Verdict::Complete if age <= REPORT_OLD_SECONDS => CheckVerdict::Well,
                Verdict::Complete | Verdict::Unknown => CheckVerdict::Warning,
            };
            let age = duration(age, page.locale.language);
            (
                verdict,
                page.pick(
                    format!("Compared with Stripe {age} ago."),
                    format!("Stripe との照合は {age}前です。"),
                ),
            )
        }
        None => (
            CheckVerdict::Unknown,
            page.pick("Never compared with Stripe.", "Stripe との照合はまだありません。")
                .to_owned(),
        ),
    };
    OverviewCheck {
        name: page.pick("Completeness", "照合"),
        verdict,
        found,
        to: Some("/ops/reports"),
    }
}

fn endpoint(desk: &Desk, page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let (verdict, found) = if is_open(status, "endpoint") {
        (
            CheckVerdict::Wrong,
            page.pick(
                "The endpoint at Stripe has a problem.",
                "Stripe のエンドポイントに問題があります。",
            ),
        )
    } else if desk.read_budget.is_none() {
        (
            CheckVerdict::Unknown,
            page.pick(
                "Not watched: STRIPE_SECRET_KEY is not set.",
                "STRIPE_SECRET_KEY がないため監視していません。",
            ),
        )
    } else {
        (CheckVerdict::Well, page.pick("No problem is known.", "問題は見つかっていません。"))
    };
    let name = page.pick("Endpoint", "エンドポイント");
    OverviewCheck { name, verdict, found: found.to_owned(), to: Some("/ops/endpoint") }
}

fn signatures(page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let is_well = !is_open(status, "signature_refusals");
    let found = match is_well {
        true => page.pick("No delivery is being refused.", "拒否されている配信はありません。"),
        false => page.pick("Deliveries are being refused.", "配信を拒否しています。"),
    };
    OverviewCheck {
        name: page.pick("Signatures", "署名"),
        verdict: CheckVerdict::of(is_well),
        found: found.to_owned(),
        to: Some("/ops/endpoint"),
    }
}

fn channels(desk: &Desk, page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let count = desk.channels.len();
    let (verdict, found) = if count == 0 {
        (
            CheckVerdict::Warning,
            page.pick("Nobody is notified: no channel is set.", "通知先が設定されていません。")
                .to_owned(),
        )
    } else if is_open(status, "channel_failing") {
        (
            CheckVerdict::Wrong,
            page.pick("A channel is failing.", "通知できない通知先があります。").to_owned(),
        )
    } else {
        (
            CheckVerdict::Well,
            page.pick(
                format!("{count} set, none is failing."),
                format!("{count} 件。通知できています。"),
            ),
        )
    };
    OverviewCheck {
        name: page.pick("Channels", "通知先"), verdict, found, to: Some("/ops/alerts")
    }
}

fn reads(desk: &Desk, page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let name = page.pick("Reads at Stripe", "Stripe の読み取り");
    let (verdict, found) = match desk.read_budget {
        Some(budget) => {
            let left = budget.saturating_sub(status.reads_spent);
            let verdict =
                if left * 5 < budget { CheckVerdict::Warning } else { CheckVerdict::Well };
            (
                verdict,
                page.pick(
                    format!("{left} of {budget} left in 30 days."),
                    format!("30 日間の {budget} 回のうち残り {left} 回。"),
                ),
            )
        }
        None => (
            CheckVerdict::Unknown,
            page.pick("STRIPE_SECRET_KEY is not set.", "STRIPE_SECRET_KEY がありません。")
                .to_owned(),
        ),
    };
    OverviewCheck { name, verdict, found, to: Some("/ops/reports") }
}

fn backup(page: &PageRequest, status: &OverviewStatus) -> OverviewCheck {
    let (verdict, found) = match status.backup_at {
        Some(at) => {
            let age = duration(page.now.since(at).max(0), page.locale.language);
            (
                CheckVerdict::Well,
                page.pick(format!("The last was {age} ago."), format!("最後は {age}前です。")),
            )
        }
        None => (
            CheckVerdict::Unknown,
            page.pick("None is known here.", "ここには記録がありません。").to_owned(),
        ),
    };
    OverviewCheck { name: page.pick("Backup", "バックアップ"), verdict, found, to: None }
}
