//! The configured signing secrets: when each matched last, and which may be removed.

use maud::{Markup, html};
use portal_domain::money::number_for_people;
use portal_domain::signature_history::SecretUse;

use super::secrets_chart::secrets_chart;
use crate::Desk;
use crate::money_cells::time;
use crate::page_request::PageRequest;
use crate::tables::table;

pub(super) fn secrets(desk: &Desk, page: &PageRequest, uses: &[SecretUse]) -> Markup {
    let label = page.pick("Signing secrets", "署名シークレット");
    let columns = [
        (page.pick("Place", "順番"), true),
        ("SHA-256", false),
        (page.pick("Last matched", "最後の一致"), false),
        (page.pick("Share of recent deliveries", "最近の配信に占める割合"), true),
        (page.pick("Verdict", "判定"), false),
    ];
    let rows = html! {
        @for (place, (fingerprint, used)) in desk.fingerprints.iter().zip(uses).enumerate() {
            tr {
                th scope="row" .number { (place + 1) }
                td .id { (fingerprint) "…" }
                td { @match used.last_matched_at { Some(at) => (time(page, at)), None => (page.pick("never", "なし")) } }
                td .number { (share(page, used)) }
                td { (verdict(page, used)) }
            }
        }
    };
    html! {
        h2 { (label) }
        (secrets_chart(page, &desk.fingerprints, uses))
        (table(label, &columns, &rows))
        p .quiet {
            (page.pick(
                "Counted by all replicas, today and the three days before (UTC), a minute late. The test deliveries of doctor do not count. A secret that has matched before may be removed when another one has signed all that came in that time; keep one whose endpoint is merely quiet, such as that of test mode.",
                "すべてのレプリカの合計で、今日とその前の 3 日間（UTC）の値です。1 分ほど遅れます。doctor の試しの配信は数えません。以前は一致していたシークレットは、その間の配信がすべて別のシークレットで署名されていれば削除できます。テスト環境など、配信が少ないだけのエンドポイントのものは残してください。",
            ))
        }
    }
}

fn share(page: &PageRequest, used: &SecretUse) -> String {
    let (signed, accepted) = (number_for_people(used.signed), number_for_people(used.accepted));
    match used.signed.saturating_mul(100).checked_div(used.accepted) {
        None => page.pick("no delivery", "配信なし").to_owned(),
        Some(percent) => page.pick(
            format!("{percent} % ({signed} of {accepted})"),
            format!("{percent} %（{accepted} 件中 {signed} 件）"),
        ),
    }
}

fn verdict(page: &PageRequest, used: &SecretUse) -> Markup {
    html! {
        @if used.may_be_removed {
            span .warn { (page.pick("▲ may be removed", "▲ 削除できます")) }
        } @else if used.signed > 0 {
            span .ok { (page.pick("✓ in use", "✓ 使用中")) }
        } @else {
            span .quiet { (page.pick("– not seen lately", "– 最近の一致なし")) }
        }
    }
}
