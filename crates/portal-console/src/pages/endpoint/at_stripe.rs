//! The endpoint as Stripe has it, beside how it should be.

use maud::{Markup, html};
use portal_domain::endpoint::{SeenEndpoint, VERSIONS_KNOWN, lacks_invoice_links};
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::event_types::MONEY_TYPES;
use portal_service::doctor::{Level, of_endpoints};

use crate::Desk;
use crate::acting::may_act;
use crate::findings::list;
use crate::money_cells::time;
use crate::page_request::PageRequest;
use crate::tables::table;

/// The most superfluous types that are named.
const NAMED_MAX: usize = 12;

pub(super) fn at_stripe(desk: &Desk, page: &PageRequest, check: &EndpointCheck) -> Markup {
    let Some(url) = &desk.webhook_url else { return not_watched(page, desk.read_budget.is_some()) };
    html! {
        (answer(page, check))
        (looked_at(page, check))
        @if may_act(page) {
            p .no-print { a .button href="/ops/endpoint/look" { (page.pick("Look again now …", "今すぐ確認する…")) } }
        }
        (comparison(page, url, &check.endpoints))
    }
}

fn not_watched(page: &PageRequest, has_key: bool) -> Markup {
    html! {
        p .proof.warn {
            @if has_key {
                (page.pick(
                    "? The endpoint is not watched: WEBHOOK_URL is not set.",
                    "? WEBHOOK_URL が設定されていないため、エンドポイントを監視していません。",
                ))
            } @else {
                (page.pick(
                    "? The endpoint is not watched: STRIPE_SECRET_KEY is not set.",
                    "? STRIPE_SECRET_KEY が設定されていないため、エンドポイントを監視していません。",
                ))
            }
        }
    }
}

/// The first line: whether events can arrive; then what is not as it should be.
fn answer(page: &PageRequest, check: &EndpointCheck) -> Markup {
    if check.seen_at.is_none() {
        let not_seen = page.pick(
            "? Nobody knows: the endpoint has not been seen at Stripe yet.",
            "? Stripe のエンドポイントはまだ確認していません。",
        );
        return html! { p .proof.warn { (not_seen) } };
    }
    let findings = of_endpoints(&check.endpoints);
    let is_any = |level| findings.iter().any(|it| it.level == level);
    let (class, text) = if is_any(Level::Wrong) {
        (
            "bad",
            page.pick("✕ Events do not arrive as they should.", "✕ イベントが正しく届きません。"),
        )
    } else if is_any(Level::Warning) {
        (
            "warn",
            page.pick(
                "▲ Events arrive, but not all is as it should be.",
                "▲ イベントは届きますが、設定に注意が必要です。",
            ),
        )
    } else {
        (
            "ok",
            page.pick(
                "✓ The endpoint is as it should be.",
                "✓ エンドポイントは正しく設定されています。",
            ),
        )
    };
    html! {
        p class={ "proof " (class) } { (text) }
        @if class != "ok" { (list(page, &findings)) }
    }
}

fn looked_at(page: &PageRequest, check: &EndpointCheck) -> Markup {
    html! {
        @if let Some(at) = check.seen_at {
            p .quiet { (page.pick("As seen at Stripe ", "Stripe での確認時刻 ")) (time(page, at)) }
        }
        @if let Some(failed) = &check.failed {
            p .warn {
                "▲ " (page.pick("The last look failed, ", "最後の確認は失敗しました。"))
                (time(page, failed.at)) ": " (page.locale.language.choose(&failed.why.text()))
            }
        }
    }
}

fn comparison(page: &PageRequest, url: &str, endpoints: &[SeenEndpoint]) -> Markup {
    let label = page.pick("At Stripe, and as it should be", "Stripe の設定と、あるべき設定");
    let setting = page.pick("Setting", "項目");
    let mut heads = vec![(setting, false), (page.pick("Should be", "あるべき設定"), false)];
    heads.extend(endpoints.iter().map(|it| (it.id.as_str(), false)));
    let [oldest, newest] = VERSIONS_KNOWN;
    let rows = html! {
        tr {
            th scope="row" { "URL" }
            td .wrap.id { (url) }
            @for _ in endpoints { td { span .ok { (page.pick("✓ the same", "✓ 同じ")) } } }
        }
        tr {
            th scope="row" { (page.pick("Status", "状態")) }
            td .id { "enabled" }
            @for it in endpoints { td { (status(it)) } }
        }
        tr {
            th scope="row" { (page.pick("API version", "API バージョン")) }
            td .id { (oldest) " … " (newest) }
            @for it in endpoints { td { (version(page, it)) } }
        }
        tr {
            th scope="row" { (page.pick("Event types", "イベントの種類")) }
            td .wrap { (page.pick(
                format!("the {} that money depends on", MONEY_TYPES.len()),
                format!("寄付の記録に必要な {} 種類", MONEY_TYPES.len()),
            )) }
            @for it in endpoints { td .wrap { (types(page, it)) } }
        }
    };
    html! { h2 { (label) } (table(label, &heads, &rows)) }
}

fn status(endpoint: &SeenEndpoint) -> Markup {
    html! {
        @if endpoint.is_enabled { span .ok { "✓ enabled" } } @else { span .bad { "✕ disabled" } }
    }
}

fn version(page: &PageRequest, endpoint: &SeenEndpoint) -> Markup {
    html! {
        @match &endpoint.api_version {
            None => (page.pick("the account's default", "アカウントの既定値")),
            Some(version) if lacks_invoice_links(version) => span .warn { "▲ " span .id { (version) } },
            Some(version) => span .id { (version) },
        }
    }
}

fn types(page: &PageRequest, endpoint: &SeenEndpoint) -> Markup {
    let missing: Vec<_> = MONEY_TYPES.into_iter().filter(|it| !endpoint.takes(it)).collect();
    let superfluous: Vec<_> = endpoint.superfluous().map(|it| it.as_str()).collect();
    let named = superfluous.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    let more = superfluous.len().saturating_sub(NAMED_MAX);
    html! {
        @if missing.is_empty() {
            p .ok { (page.pick("✓ none is missing", "✓ 不足はありません")) }
        } @else {
            p { span .warn { (page.pick("▲ missing: ", "▲ 不足: ")) } span .id { (missing.join(", ")) } }
        }
        @if endpoint.takes_all {
            p { span .warn { (page.pick("▲ all types (*) are sent", "▲ すべての種類（*）が送られます")) } }
        }
        @if !superfluous.is_empty() {
            p .quiet {
                (page.pick("of no use here: ", "ここでは使わない種類: ")) span .id { (named) }
                @if more > 0 { (page.pick(format!(" and {more} more"), format!(" ほか {more} 種類"))) }
            }
        }
    }
}
