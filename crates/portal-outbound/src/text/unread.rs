//! The errors of reads at Stripe.

use portal_domain::{ReadError, Resource};

use crate::language::Language;

pub(super) fn summary(resource: Resource, why: ReadError, language: Language) -> String {
    let (place, name) = (resource.name(), why.name());
    language.pick(
        format!("Stripe's {place} cannot be read ({name}): {why}."),
        format!(
            "Stripe から{}（{place}）を取得できません（{name}）。{}。",
            listed_in_japanese(resource),
            why.text().ja
        ),
    )
}

fn listed_in_japanese(resource: Resource) -> &'static str {
    match resource {
        Resource::Events => "イベントの一覧",
        Resource::PaymentIntents => "決済",
        Resource::Invoices => "請求書",
        Resource::InvoicePayments => "請求書の支払い",
        Resource::Charges => "支払いと返金",
        Resource::Disputes => "不審請求の申し立て",
        Resource::CheckoutSessions => "Checkout セッション",
        Resource::Subscriptions => "サブスクリプション",
        Resource::WebhookEndpoints => "エンドポイントの一覧",
        Resource::Payouts => "入金",
        Resource::BalanceLines => "残高の明細",
        Resource::Balance => "残高",
    }
}

pub(super) fn first(resource: Resource, why: ReadError, language: Language) -> String {
    let first = match why {
        ReadError::WrongKey => language.pick(
            "create a new restricted key in Stripe's Dashboard (API keys), set STRIPE_SECRET_KEY to it, and restart.",
            "Stripe のダッシュボード（API キー）で制限付きキーを作り直し、STRIPE_SECRET_KEY に設定して再起動してください。",
        ),
        ReadError::NotAllowed => return permission_wanted(resource, language),
        ReadError::BudgetSpent => language.pick(
            "no action is needed while events are delivered: some reads become available each day. If the account allows more reads, raise READ_BUDGET.",
            "配信が届いていれば、対応は不要です。読み取り回数は毎日少しずつ回復します。アカウントの上限に余裕があれば、READ_BUDGET を増やしてください。",
        ),
        ReadError::TooMany | ReadError::Failing { .. } => language.pick(
            "no action is needed: the read is retried. If it lasts, check https://status.stripe.com.",
            "対応は不要です。自動で再試行します。長引く場合は https://status.stripe.com を確認してください。",
        ),
        ReadError::TimedOut | ReadError::Unreachable => language.pick(
            "check that this machine reaches api.stripe.com: name resolution, route, firewall. The read is retried.",
            "サーバーから api.stripe.com に接続できるか（名前解決、経路、ファイアウォール）を確認してください。自動で再試行します。",
        ),
        ReadError::NotCounted => language.pick(
            "check the database's disk and the log for errors. The read is retried.",
            "データベースのディスクと、ログに出ている失敗を確認してください。自動で再試行します。",
        ),
        ReadError::NotFound | ReadError::Refused { .. } | ReadError::Unreadable => language.pick(
            "remove STRIPE_API_BASE if it is set; otherwise report this as a bug.",
            "STRIPE_API_BASE を設定していれば、削除してください。設定していなければ、不具合として報告してください。",
        ),
    };
    first.into()
}

fn permission_wanted(resource: Resource, language: Language) -> String {
    let permission = resource.permission();
    language.pick(
        format!("grant the key this permission in Stripe's Dashboard (API keys): {permission}: Read."),
        format!("Stripe のダッシュボード（API キー）で、キーに {permission} の読み取り権限を与えてください。"),
    )
}
