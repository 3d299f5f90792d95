//! The frame of each page: navigation, mode, languages, and the one who is here.

use maud::{DOCTYPE, Markup, html};

use crate::page_request::{LIVE, PageRequest};
use crate::{Desk, asset_files};

/// The part of a page that is its own.
pub(crate) struct PageContent {
    /// The subject, which is also the heading.
    pub(crate) title: String,
    pub(crate) body: Markup,
}

/// The pages of the navigation: path, English, Japanese.
const PAGES: [(&str, &str, &str); 12] = [
    ("/ops/", "Overview", "概要"),
    ("/ops/donations", "Donations", "寄付"),
    ("/ops/statement", "Statement", "明細"),
    ("/ops/payouts", "Payouts", "入金"),
    ("/ops/events", "Events", "イベント"),
    ("/ops/deliveries", "Deliveries", "配信"),
    ("/ops/alerts", "Alerts", "アラート"),
    ("/ops/reports", "Completeness", "照合レポート"),
    ("/ops/endpoint", "Endpoint", "エンドポイント"),
    ("/ops/doctor", "Doctor", "診断"),
    ("/ops/settings", "Settings", "設定"),
    ("/ops/actions", "Actions", "操作履歴"),
];

pub(crate) fn page(desk: &Desk, page: &PageRequest, content: PageContent) -> Markup {
    let names = asset_files::names();
    let PageContent { title, body } = content;
    html! {
        (DOCTYPE)
        html lang=(page.locale.language.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (page.pick("Donation portal", "寄付ポータル")) }
                link rel="icon" href={ "/ops/assets/" (names.icon) };
                link rel="stylesheet" href={ "/ops/assets/" (names.style) };
                script src={ "/ops/assets/" (names.script) } defer {}
            }
            body data-live=[page.refresh_seconds()] {
                a .skip href="#content" { (page.pick("Skip to the content", "本文へ")) }
                (header(page))
                @if page.visitor.as_ref().is_some_and(|it| it.needs_no_token) {
                    aside .bar aria-label=(page.pick("Access", "アクセス")) {
                        (page.pick(
                            "Everybody on this machine may act here: OPERATOR_TOKENS is not set.",
                            "OPERATOR_TOKENS が設定されていないため、このマシンの利用者はだれでも操作できます。",
                        ))
                    }
                }
                main #content tabindex="-1" {
                    h1 { (title) }
                    (body)
                }
                (footer(desk, page))
            }
        }
    }
}

fn header(page: &PageRequest) -> Markup {
    html! {
        header {
            p .name { a href="/ops/" { (page.pick("Donation portal", "寄付ポータル")) } }
            @if page.visitor.is_some() { (navigation(page)) }
            @if page.visitor.is_some() { (id_box(page)) }
            (languages(page))
            @if let Some(visitor) = page.visitor.as_ref().filter(|it| !it.needs_no_token) {
                form .sign-out method="post" action="/ops/sign-out" {
                    span { (visitor.name) " · " (role(page, visitor.may_act())) }
                    button type="submit" { (page.pick("Sign out", "サインアウト")) }
                }
            }
        }
    }
}

fn navigation(page: &PageRequest) -> Markup {
    html! {
        nav aria-label=(page.pick("Pages", "ページ")) {
            ul {
                @for (path, english, japanese) in PAGES {
                    @let is_here = page.path == path || (path != "/ops/" && page.path.starts_with(path));
                    li {
                        a href=(path) aria-current=[is_here.then_some("page")] {
                            (page.pick(english, japanese))
                        }
                    }
                }
            }
        }
    }
}

/// The box that takes any id.
fn id_box(page: &PageRequest) -> Markup {
    html! {
        form .go method="get" action="/ops/go" role="search" aria-label=(page.pick("Find an id", "ID で探す")) {
            label .hidden for="q" { (page.pick("Find an id", "ID で探す")) }
            input #q name="q" size="18" placeholder="pi_… in_… evt_…" autocomplete="off" spellcheck="false" required;
            button type="submit" { (page.pick("Go", "開く")) }
        }
    }
}

/// Links to this page in the other language, where it has an address of its own.
fn languages(page: &PageRequest) -> Markup {
    let (other, name) = page.pick(("ja", "日本語"), ("en", "English"));
    html! {
        @if page.can_be_reopened {
            a .language href=(page.with("lang", Some(other))) lang=(other) hreflang=(other) { (name) }
        }
    }
}

fn role(page: &PageRequest, may_act: bool) -> &'static str {
    if may_act { page.pick("may act", "操作可") } else { page.pick("read-only", "閲覧のみ") }
}

fn footer(desk: &Desk, page: &PageRequest) -> Markup {
    html! {
        footer {
            p {
                "donation-portal " (desk.host.version) " · "
                span #as-of { (page.pick("as of", "表示時刻")) " " (page.locale.time(page.now)) }
                @if page.visitor.is_some() && page.can_be_reopened { (refresh(page)) }
                @if let Some(runbook) = &desk.context.runbook_url {
                    " · " a href=(runbook) rel="noreferrer" { (page.pick("Runbook", "運用手順書")) }
                }
            }
        }
    }
}

/// Says if the page is refreshed, and switches that on or off. The script writes into the live region.
fn refresh(page: &PageRequest) -> Markup {
    /// The seconds of the link that switches it on.
    const EVERY: &str = "10";
    html! {
        span .no-print {
            " · "
            @if let Some(seconds) = page.refresh_seconds() {
                (page.pick(format!("refreshed every {seconds} s"), format!("{seconds} 秒ごとに更新"))) " "
                a href=(page.with(LIVE, None)) { (page.pick("Stop refreshing", "更新を止める")) }
                " "
                span #live role="status"
                    data-failed=(page.pick("▲ The page could not be refreshed.", "▲ 更新できませんでした。")) {}
            } @else {
                a href=(page.with(LIVE, Some(EVERY))) { (page.pick("Refresh every 10 s", "10 秒ごとに更新する")) }
            }
        }
    }
}
