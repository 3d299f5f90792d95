//! The findings of the last run of `doctor`, and the form that runs it.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::{ActionResult, ActionScope, ActionVerb};
use portal_service::doctor::{CheckFinding, DoctorRun, Level};

use crate::Desk;
use crate::acting::{Fields, check_role, fields, may_act, on_trail};
use crate::findings::{level, list};
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

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
    let page = &page;
    check_role(page)?;
    let left = desk.reads_left(page.now).await?;
    Ok(PageContent {
        title: page.pick("Run the doctor?", "診断を実行しますか？").to_owned(),
        body: html! {
            p {
                (page.pick(
                    "It makes up to seven reads at Stripe and, on a server, one test delivery through WEBHOOK_URL for each secret, and reads the whole ledger. It takes some seconds, longer where Stripe does not answer. The test is an ignored event; nothing else is changed.",
                    "Stripe を最大 7 回読み取ります。サーバーでは、署名シークレットごとに WEBHOOK_URL へ試しに 1 回配信し、台帳全体も検査します。数秒、Stripe が応答しないときはそれ以上かかります。試しの配信は対象外のイベントとして残り、ほかには何も変更しません。",
                ))
            }
            (left_of_budget(page, left))
            form method="post" action="/ops/doctor/run" {
                button .main type="submit" { (page.pick("Run it", "実行する")) }
                " "
                a href="/ops/doctor" { (page.pick("Cancel", "やめる")) }
            }
        },
    })
}

/// Returns a sentence on the reads that are left, unless there is no key.
pub(crate) fn left_of_budget(page: &PageRequest, left: Option<u64>) -> Markup {
    html! {
        @if let Some(left) = left {
            p .quiet {
                (page.pick(
                    format!("Reads left at Stripe in 30 days: {left}."),
                    format!("30 日間に Stripe を読み取れる残りの回数: {left} 回。"),
                ))
            }
        }
    }
}

pub(crate) async fn run_doctor(
    desk: Arc<Desk>,
    page: PageRequest,
    form: Fields,
) -> Result<String, PageError> {
    fields(&page, form)?;
    let act = async {
        let examine = desk.host.inspect.examine();
        let run = DoctorRun::make(&*desk.store, &*desk.clock, examine).await?;
        let found = run.ok_or(PageError::TooSoon)?.findings;
        let is_wrong = found.iter().any(|it| it.level == Level::Wrong);
        let result = if is_wrong { ActionResult::FoundWrong } else { ActionResult::Done };
        Ok(((), result, found.len() as u64))
    };
    on_trail(&desk, &page, ActionVerb::Doctor, ActionScope::default(), act).await?;
    Ok("/ops/doctor".to_owned())
}
