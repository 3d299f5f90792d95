//! The effective settings, masked; the operators and their roles; versions.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::Role;
use portal_service::settings::SettingSource;

use crate::Desk;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::table;

pub(crate) async fn settings(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    Ok(PageContent {
        title: page.pick("Settings", "設定").to_owned(),
        body: html! {
            dl {
                dt { (page.pick("Version", "バージョン")) }
                dd { (desk.host.version) }
                dt { (page.pick("Database schema", "データベースのスキーマ")) }
                dd { (desk.host.schema_version) }
                dt { (page.pick("Time zone of pages", "表示のタイムゾーン")) }
                dd { (page.locale.time(page.now)) }
            }
            p {
                (page.pick(
                    "Settings are read once, at the start. To change one, set the variable of its name and restart; a secret is shown by its end and the first digits of its SHA-256 only.",
                    "設定は起動時に一度だけ読み込みます。変更するには、同じ名前の環境変数を設定して再起動してください。秘密情報は末尾と SHA-256 の先頭だけを表示します。",
                ))
            }
            (values(desk, page))
            (operators(desk, page))
            p { a href="/ops/actions" { (page.pick("Who did what: the log of actions", "操作履歴を見る")) } }
        },
    })
}

fn values(desk: &Desk, page: &PageRequest) -> Markup {
    let label = page.pick("Effective settings", "有効な設定");
    let columns = [
        (page.pick("Setting", "設定"), false),
        (page.pick("Value", "値"), false),
        (page.pick("From", "由来"), false),
    ];
    let rows = html! {
        @for setting in &desk.host.settings {
            tr {
                th scope="row" .id { (setting.name) }
                td .wrap.id { @match &setting.value { Some(value) => (value), None => "–" } }
                td { (source(page, setting.source)) }
            }
        }
    };
    html! { h2 { (label) } (table(label, &columns, &rows)) }
}

fn source(page: &PageRequest, source: SettingSource) -> &'static str {
    match source {
        SettingSource::Flag => page.pick("flag", "フラグ"),
        SettingSource::Variable => page.pick("variable", "環境変数"),
        SettingSource::File => page.pick("file", "ファイル"),
        SettingSource::Default => page.pick("default", "既定値"),
        SettingSource::NotSet => page.pick("not set", "未設定"),
    }
}

fn operators(desk: &Desk, page: &PageRequest) -> Markup {
    let label = page.pick("Operators", "利用者");
    let columns = [(page.pick("Name", "名前"), false), (page.pick("May", "権限"), false)];
    html! {
        h2 { (label) }
        @match &desk.config.operators {
            Some(operators) => {
                @let rows = html! {
                    @for operator in operators.iter() {
                        tr { th scope="row" .id { (operator.name) } td { (role(page, operator.role)) } }
                    }
                };
                (table(label, &columns, &rows))
            }
            None => p { (page.pick("None: everybody on this machine may act.", "設定されていません。このマシンの利用者はだれでも操作できます。")) }
        }
    }
}

fn role(page: &PageRequest, role: Role) -> &'static str {
    match role {
        Role::Read => page.pick("look (read)", "閲覧のみ（read）"),
        Role::Act => page.pick("look and act (act)", "閲覧と操作（act）"),
        Role::Metrics => page.pick("read metrics (metrics)", "メトリクスの取得のみ（metrics）"),
    }
}
