//! The findings of the last run of `doctor`, and the form that runs it.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::{ActionResult, ActionVerb};
use portal_service::doctor::{CheckFinding, DoctorRun, Level};

use super::inspecting::{acted, question};
use crate::Desk;
use crate::acting::{Fields, may_act};
use crate::findings::{level, list};
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The path of the page.
const HERE: &str = "/ops/doctor";

/// The levels in the order in which they are read.
const LEVELS: [Level; 4] = [Level::Wrong, Level::Warning, Level::NotChecked, Level::Ok];

pub(crate) async fn doctor(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let page = &page;
    let run = DoctorRun::read(&*desk.store).await?;
    Ok(PageContent {
        title: page.pick("Doctor", "診断").to_owned(),
        body: html! {
            (summary(page, run.as_ref()))
            @if may_act(page) {
                p .no-print { a .button href="/ops/doctor/run" { (page.pick("Run it now …", "診断を実行する…")) } }
            }
            @if let Some(run) = &run { (groups(page, &run.findings)) }
        },
    })
}

fn summary(page: &PageRequest, run: Option<&DoctorRun>) -> Markup {
    let Some(run) = run else {
        return html! {
            p .proof.warn {
                (page.pick(
                    "? It has not been run here yet. The command donation-portal doctor shows its findings on the terminal only.",
                    "? ここからはまだ実行していません。コマンド donation-portal doctor の結果は端末にだけ表示されます。",
                ))
            }
        };
    };
    let count = |level| run.findings.iter().filter(|it| it.level == level).count();
    let not_ok = LEVELS.into_iter().filter(|it| *it != Level::Ok && count(*it) > 0);
    let parts: Vec<_> = not_ok
        .map(|it| {
            let (count, (_, word)) = (count(it), level(page, it));
            page.pick(format!("{word}: {count}"), format!("{word} {count} 件"))
        })
        .collect();
    let (class, text) = if parts.is_empty() {
        ("ok", page.pick("✓ Every check is ok.", "✓ すべての項目が正常です。").to_owned())
    } else {
        (if count(Level::Wrong) > 0 { "bad" } else { "warn" }, parts.join(" · "))
    };
    html! {
        p class={ "proof " (class) } { (text) }
        p .quiet { (page.pick("Made ", "実行時刻 ")) (time(page, run.made_at)) }
    }
}

fn groups(page: &PageRequest, findings: &[CheckFinding]) -> Markup {
    let of = |level| findings.iter().filter(move |it| it.level == level);
    html! {
        @for it in LEVELS.into_iter().filter(|it| of(*it).next().is_some()) {
            h2 { (level(page, it).1) }
            (list(page, of(it)))
        }
    }
}

pub(crate) async fn confirm_doctor(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageContent, PageError> {
    let explained = page.pick(
        "It makes up to ten reads at Stripe and, on a server, one test delivery through WEBHOOK_URL for each secret, and reads the whole ledger. It takes some seconds, longer where Stripe does not answer. The test is an ignored event; nothing else is changed.",
        "Stripe を最大 10 回読み取ります。サーバーでは、署名シークレットごとに WEBHOOK_URL へ試しに 1 回配信し、台帳全体も検査します。数秒、Stripe が応答しないときはそれ以上かかります。試しの配信は対象外のイベントとして残り、ほかには何も変更しません。",
    );
    let title = page.pick("Run the doctor?", "診断を実行しますか？");
    question(&desk, &page, [title, explained, page.pick("Run it", "実行する")], HERE).await
}

pub(crate) async fn run_doctor(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    let run = async {
        let examine = desk.host.inspect.examine();
        let run = DoctorRun::make(&*desk.store, &*desk.clock, examine).await?;
        let found = run.ok_or(PageError::TooSoon)?.findings;
        let is_wrong = found.iter().any(|it| it.level == Level::Wrong);
        let result = if is_wrong { ActionResult::FoundWrong } else { ActionResult::Done };
        Ok((result, found.len() as u64))
    };
    acted(&desk, &page, form, ActionVerb::Doctor, HERE, run).await
}
