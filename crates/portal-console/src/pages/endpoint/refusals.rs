//! The deliveries that were refused in the last hour, by reason, with the likely cause.

use std::collections::BTreeMap;

use maud::{Markup, html};
use portal_domain::money::number_for_people;

use crate::page_request::PageRequest;
use crate::tables::table;

pub(super) fn refusals(page: &PageRequest, refused: &BTreeMap<Box<str>, u64>) -> Markup {
    let label = page.pick("Refused in the last hour", "最近 1 時間に拒否した配信");
    let none = || html! { p .ok { (page.pick("✓ None.", "✓ ありません。")) } };
    let shown = if refused.is_empty() { none() } else { reasons(page, label, refused) };
    html! { h2 { (label) } (shown) }
}

fn reasons(page: &PageRequest, label: &str, refused: &BTreeMap<Box<str>, u64>) -> Markup {
    let columns = [
        (page.pick("Reason", "理由"), false),
        (page.pick("Count", "件数"), true),
        (page.pick("Likely cause", "考えられる原因"), false),
    ];
    let rows = html! {
        @for (reason, count) in refused {
            tr {
                td .id { (reason) }
                td .number { (number_for_people(*count)) }
                td .wrap { (cause(page, reason)) }
            }
        }
    };
    table(label, &columns, &rows)
}

fn cause(page: &PageRequest, reason: &str) -> &'static str {
    match reason {
        "no_header" => page.pick(
            "Not from Stripe; or, if Stripe's Dashboard shows a 400, a proxy removed the header.",
            "Stripe からではありません。Stripe のダッシュボードに 400 があれば、プロキシがヘッダーを削除しています。",
        ),
        "malformed_header" => page.pick(
            "Not from Stripe, or changed by a proxy.",
            "Stripe からではないか、プロキシが変更しています。",
        ),
        "no_match" => page.pick(
            "Signed with a secret that is not configured: rolled, of the other mode, of another endpoint; or the body was changed on its way.",
            "設定にないシークレットの署名です。ロールされた、別の環境のもの、別のエンドポイントのもの、または途中で本文が変わったことが考えられます。",
        ),
        "timestamp_outside_tolerance" => page.pick(
            "This machine's clock is wrong, or it is a replay.",
            "このマシンの時計が合っていないか、過去の配信の再送です。",
        ),
        "unreadable_object" => page.pick(
            "Signed, but its object cannot be read: update this program, or report it as a bug.",
            "署名は正しいものの、オブジェクトを読み取れません。プログラムを更新するか、不具合として報告してください。",
        ),
        _ => page.pick(
            "Signed, but no event of Stripe's: another program signs with your secret.",
            "署名は正しいものの、Stripe のイベントではありません。別のプログラムが同じシークレットで署名しています。",
        ),
    }
}
