//! Rotating a signing secret, step by step, in the words of the runbook.

use maud::{Markup, html};

use crate::page_request::PageRequest;

pub(super) fn rotation(page: &PageRequest) -> Markup {
    let steps = page.pick(
        [
            "At Stripe (Workbench → Webhooks), roll the secret, and let the old one stay valid for 24 hours. In that time Stripe signs with both, so nothing fails yet.",
            "Put the new one before the old one in STRIPE_WEBHOOK_SECRET, separated by a comma, and restart, on every replica.",
            "When the 24 hours are over, Stripe signs with the new one only. Wait until the table above has a match of it; no_match instead means that it was copied wrongly.",
            "When the table says so, remove the old one and restart.",
        ],
        [
            "Stripe のワークベンチ（Webhook）でシークレットをロールし、古いものの有効期限を 24 時間後にします。その間 Stripe は両方で署名するため、何も失敗しません。",
            "STRIPE_WEBHOOK_SECRET で、新しいものを古いものの前にカンマで区切って加え、すべてのレプリカを再起動します。",
            "24 時間が過ぎると、Stripe は新しいものだけで署名します。上の表で一致を確認してください。no_match になる場合は、新しいシークレットの写し間違いです。",
            "上の表に「削除できます」と表示されたら、古いものを削除して再起動します。",
        ],
    );
    html! {
        h2 { (page.pick("Rotate a secret", "シークレットのローテーション")) }
        ol { @for step in steps { li { (step) } } }
        p {
            (page.pick(
                "If a secret has leaked, expire it at once: deliveries are refused until the new one is set here, and Stripe sends them again.",
                "シークレットが漏えいした場合は、直ちに失効させます。新しいものを設定するまで配信は拒否されますが、Stripe が再送します。",
            ))
        }
    }
}
