//! The errors of pages, with their status codes and texts.

use http::StatusCode;
use portal_domain::{Advise as _, StoreError, Text, text};

use crate::access_error::AccessError;
use crate::act_refusal::ActRefusal;

/// The reason why there is no page. It repeats nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageError {
    NotFound,
    MethodNotAllowed,
    /// There is no event, donation, alert or report of this id.
    NoSuchId,
    /// A value of the query cannot be used: its key, and the form that it has to have.
    BadQuery {
        key: &'static str,
        form: &'static str,
    },
    NothingSelected,
    /// It was done within the last minute, or is being done.
    TooSoon,
    /// Another number of events matches than the visitor has seen; nothing was done.
    CountDiffers {
        expected: u64,
        found: u64,
    },
    /// The form has other fields.
    BadForm,
    FormTooLarge,
    Refused(ActRefusal),
    /// As many pages are being made as may be at once.
    Busy,
    Access(AccessError),
    Store(StoreError),
}

impl PageError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSuchId => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadQuery { .. } | Self::NothingSelected | Self::BadForm => {
                StatusCode::BAD_REQUEST
            }
            Self::CountDiffers { .. } => StatusCode::CONFLICT,
            Self::FormTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(why) => why.status(),
            Self::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            Self::Access(error) => error.status(),
            Self::Busy | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// True if there is no page of ours at the address that was asked for.
    pub(crate) fn is_of_address(&self) -> bool {
        matches!(
            self,
            Self::NotFound | Self::MethodNotAllowed | Self::Access(AccessError::UnknownHost)
        )
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NoSuchId => "no_such_id",
            Self::BadQuery { .. } => "bad_query",
            Self::NothingSelected => "nothing_selected",
            Self::TooSoon => "too_soon",
            Self::CountDiffers { .. } => "count_differs",
            Self::BadForm => "bad_form",
            Self::FormTooLarge => "form_too_large",
            Self::Refused(why) => why.code(),
            Self::Busy => "busy",
            Self::Access(error) => error.code(),
            Self::Store(error) => error.name(),
        }
    }

    /// Returns what is wrong and what to do, in English and Japanese.
    pub(crate) fn texts(&self) -> [Text; 2] {
        match self {
            Self::NotFound => [
                text!("There is nothing at this address", "このアドレスには何もありません"),
                text!("It may have been typed wrong.", "入力に誤りがあるかもしれません。"),
            ],
            Self::MethodNotAllowed => [
                text!("This address takes another method", "このアドレスでは使えない操作です"),
                text!("Open it from the page before.", "前のページから操作してください。"),
            ],
            Self::NoSuchId => [
                text!("Nothing has this id", "この ID のものはありません"),
                text!(
                    "Looked in the inbox, the ledger, the alerts and the reports. Old events are pruned; its event may not have come yet.",
                    "受信箱、台帳、アラート、照合レポートを探しました。古いイベントは削除済みかもしれません。まだ届いていないこともあります。"
                ),
            ],
            Self::BadQuery { key, form } => [
                text!("{key} cannot be used", "{key} の値は使えません"),
                text!("It must be {form}.", "次の形で指定してください: {form}"),
            ],
            Self::NothingSelected => [
                text!("Nothing is selected", "何も選択されていません"),
                text!(
                    "Tick at least one on the page before.",
                    "前のページで一つ以上選択してください。"
                ),
            ],
            Self::TooSoon => [
                text!("It was just done, or is being done", "直前に実行されたか、実行中です"),
                text!("Try again in a minute.", "1 分後にもう一度試してください。"),
            ],
            Self::CountDiffers { expected, found } => [
                text!(
                    "{found} match now, not {expected}: nothing was done",
                    "対象は {expected} 件から {found} 件に変わったため、何も行っていません"
                ),
                text!(
                    "Go back, look at them, and try again.",
                    "前のページに戻り、内容を確認してからやり直してください。"
                ),
            ],
            Self::BadForm => [
                text!("The form cannot be read", "フォームを読み取れません"),
                text!(
                    "Open the page before anew, and send it again.",
                    "前のページを開き直して、もう一度送信してください。"
                ),
            ],
            Self::FormTooLarge => [
                text!("The form is too large", "フォームが大きすぎます"),
                text!(
                    "Select fewer at once, or all that match.",
                    "選択を減らすか、条件に合うものすべてを選んでください。"
                ),
            ],
            Self::Refused(why) => why.texts(),
            Self::Busy => busy(),
            Self::Access(error) => error.texts(),
            Self::Store(error) => of_store(error),
        }
    }
}

fn busy() -> [Text; 2] {
    [
        text!("The console is busy", "コンソールが混み合っています"),
        text!(
            "It makes few pages at once, so that no delivery waits. Open this one again in some seconds.",
            "配信の受信を妨げないよう、同時に作成するページの数を制限しています。数秒後にもう一度開いてください。"
        ),
    ]
}

fn of_store(error: &StoreError) -> [Text; 2] {
    if *error == StoreError::TimedOut {
        return [
            text!(
                "The console is busy: the database took too long",
                "コンソールが混み合っています: データベースの応答に時間がかかりました"
            ),
            text!(
                "A page may read for two seconds. Ask for less, by a shorter period or another filter; the command line has no such limit.",
                "ページの読み取りは 2 秒までです。期間を短くするか、条件を変えてください。コマンドラインにこの制限はありません。"
            ),
        ];
    }
    let advice = error.advice();
    let advice = advice.unwrap_or_else(|| text!("see the log", "ログを確認してください"));
    let what =
        text!("The database could not be read or written", "データベースを読み書きできません");
    [what, error.text().then(&advice)]
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ActRefusal> for PageError {
    fn from(why: ActRefusal) -> Self {
        Self::Refused(why)
    }
}

impl From<AccessError> for PageError {
    fn from(error: AccessError) -> Self {
        Self::Access(error)
    }
}
