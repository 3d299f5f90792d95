//! The words of pages for the enums of the domain, in both languages.

use portal_domain::alert::Severity;
use portal_domain::{
    ActionResult, ActionVerb, ActionVia, DeadReason, IgnoredReason, Origin, State,
};

use crate::page_request::PageRequest;

/// Returns the sign and the words for a state: never colour alone.
pub(crate) fn state(page: &PageRequest, state: State) -> (&'static str, &'static str) {
    match state {
        State::Processed => ("ok", page.pick("✓ processed", "✓ 処理済み")),
        State::AwaitingObject { .. } => ("warn", page.pick("… awaiting its object", "… 取得待ち")),
        State::Dead(_) => ("bad", page.pick("✕ dead", "✕ 処理できなかった")),
        State::Ignored(_) => ("quiet", page.pick("– ignored", "– 対象外")),
    }
}

/// Returns the words for the reason of a state.
pub(crate) fn reason(page: &PageRequest, state: State) -> Option<&'static str> {
    Some(match state {
        State::Processed | State::AwaitingObject { was_dead: false } => return None,
        State::AwaitingObject { was_dead: true } => page.pick("retried", "再試行中"),
        State::Dead(reason) => match reason {
            DeadReason::FactsMissing => {
                page.pick("a fact that it needs is missing", "必要な情報が欠けています")
            }
            DeadReason::AmountOutOfRange => {
                page.pick("an amount is out of range", "金額が範囲外です")
            }
            DeadReason::LedgerFailed => {
                page.pick("the ledger could not take it", "台帳に書き込めませんでした")
            }
            DeadReason::ObjectMissing => page.pick(
                "Stripe does not have its object",
                "対象のオブジェクトが Stripe にありません",
            ),
        },
        State::Ignored(reason) => match reason {
            IgnoredReason::UnknownType => {
                page.pick("no donation depends on this type", "寄付に関係しない種類です")
            }
            IgnoredReason::ConnectedAccount => {
                page.pick("of a connected account", "連結アカウントのイベントです")
            }
            IgnoredReason::ByOperator => page.pick("by an operator", "運用者が対象外にしました"),
            IgnoredReason::Ping => page.pick("a test by Stripe", "Stripe による疎通確認です"),
            IgnoredReason::SnapshotRecorded => page.pick(
                "the same is recorded as a snapshot",
                "同じ内容をスナップショットイベントで記録済みです",
            ),
        },
    })
}

pub(crate) fn origin(page: &PageRequest, origin: Origin) -> &'static str {
    match origin {
        Origin::Delivered => page.pick("delivered", "配信"),
        Origin::Reconciled => page.pick("reconciled", "照合で取得"),
    }
}

/// Returns the sign and the words for the severity of an alert that goes on.
pub(crate) fn severity(page: &PageRequest, severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Critical => ("bad", page.pick("✕ critical", "✕ 緊急")),
        Severity::Error => ("bad", page.pick("✕ error", "✕ 問題あり")),
        Severity::Warning => ("warn", page.pick("▲ warning", "▲ 警告")),
        Severity::Info => ("quiet", page.pick("● info", "● お知らせ")),
    }
}

pub(crate) fn mode(page: &PageRequest, livemode: bool) -> &'static str {
    if livemode { page.pick("Live", "本番環境") } else { page.pick("Test", "テスト環境") }
}

pub(crate) fn verb(page: &PageRequest, verb: ActionVerb) -> &'static str {
    match verb {
        ActionVerb::Reprocess => page.pick("reprocess", "再試行"),
        ActionVerb::Ignore => page.pick("ignore", "対象外にする"),
        ActionVerb::Acknowledge => page.pick("acknowledge", "確認済みにする"),
        ActionVerb::Silence => page.pick("silence", "通知を止める"),
        ActionVerb::Unsilence => page.pick("unsilence", "通知を再開する"),
        ActionVerb::Reconcile => page.pick("reconcile", "照合"),
        ActionVerb::CancelReconcile => page.pick("cancel the comparison", "照合の中止"),
        ActionVerb::TestChannels => page.pick("test the channels", "通知先のテスト"),
        ActionVerb::Doctor => page.pick("doctor", "診断"),
        ActionVerb::LookAtEndpoint => page.pick("look at the endpoint", "エンドポイントの確認"),
        ActionVerb::Prune => page.pick("prune", "古いイベントの削除"),
    }
}

pub(crate) fn via(page: &PageRequest, via: ActionVia) -> &'static str {
    match via {
        ActionVia::Console => page.pick("console", "コンソール"),
        ActionVia::Api => "API",
        ActionVia::Cli => page.pick("command line", "コマンド"),
    }
}

pub(crate) fn result(
    page: &PageRequest,
    result: Option<ActionResult>,
) -> (&'static str, &'static str) {
    match result {
        Some(ActionResult::Done) => ("ok", page.pick("✓ done", "✓ 完了")),
        Some(ActionResult::FoundWrong) => {
            ("warn", page.pick("▲ done, something is still wrong", "▲ 完了（問題が残っています）"))
        }
        Some(ActionResult::CountDiffers) => (
            "warn",
            page.pick("▲ not done: the number had changed", "▲ 中止（件数が変わりました）"),
        ),
        Some(ActionResult::Cancelled) => ("quiet", page.pick("– cancelled", "– 中止")),
        Some(ActionResult::Failed) => ("bad", page.pick("✕ failed", "✕ 失敗")),
        None => ("warn", page.pick("… not finished", "… 未完了")),
    }
}
