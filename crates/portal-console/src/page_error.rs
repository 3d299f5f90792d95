//! The errors of pages, with their status codes and texts.

use http::StatusCode;
use portal_domain::{Advise as _, StoreError, Text, text};

use crate::access_error::{AccessError, texts};
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
    pub(crate) fn texts(&self) -> [[String; 2]; 2] {
        match self {
            Self::NotFound => texts(
                ["There is nothing at this address", "It may have been typed wrong."],
                ["このアドレスには何もありません", "入力に誤りがあるかもしれません。"],
            ),
            Self::MethodNotAllowed => texts(
                ["This address takes another method", "Open it from the page before."],
                ["このアドレスでは使えない操作です", "前のページから操作してください。"],
            ),
            Self::NoSuchId => texts(
                [
                    "Nothing has this id",
                    "Looked in the inbox, the ledger, the alerts and the reports. Old events are pruned; its event may not have come yet.",
                ],
                [
                    "この ID のものはありません",
                    "受信箱、台帳、アラート、照合レポートを探しました。古いイベントは削除済みかもしれません。まだ届いていないこともあります。",
                ],
            ),
            Self::BadQuery { key, form } => [
                [format!("{key} cannot be used"), format!("It must be {form}.")],
                [format!("{key} の値は使えません"), format!("次の形で指定してください: {form}")],
            ],
            Self::NothingSelected => texts(
                ["Nothing is selected", "Tick at least one on the page before."],
                ["何も選択されていません", "前のページで一つ以上選択してください。"],
            ),
            Self::TooSoon => texts(
                ["It was just done, or is being done", "Try again in a minute."],
                ["直前に実行されたか、実行中です", "1 分後にもう一度試してください。"],
            ),
            Self::CountDiffers { expected, found } => [
                [
                    format!("{found} match now, not {expected}: nothing was done"),
                    "Go back, look at them, and try again.".to_owned(),
                ],
                [
                    format!(
                        "対象は {expected} 件から {found} 件に変わったため、何も行っていません"
                    ),
                    "前のページに戻り、内容を確認してからやり直してください。".to_owned(),
                ],
            ],
            Self::BadForm => texts(
                ["The form cannot be read", "Open the page before anew, and send it again."],
                ["フォームを読み取れません", "前のページを開き直して、もう一度送信してください。"],
            ),
            Self::FormTooLarge => texts(
                ["The form is too large", "Select fewer at once, or all that match."],
                [
                    "フォームが大きすぎます",
                    "選択を減らすか、条件に合うものすべてを選んでください。",
                ],
            ),
            Self::Refused(why) => why.texts(),
            Self::Busy => busy(),
            Self::Access(error) => error.texts(),
            Self::Store(error) => of_store(error),
        }
    }
}

fn busy() -> [[String; 2]; 2] {
    texts(
        [
            "The console is busy",
            "It makes few pages at once, so that no delivery waits. Open this one again in some seconds.",
        ],
        [
            "コンソールが混み合っています",
            "配信の受信を妨げないよう、同時に作成するページの数を制限しています。数秒後にもう一度開いてください。",
        ],
    )
}

fn of_store(error: &StoreError) -> [[String; 2]; 2] {
    if *error == StoreError::TimedOut {
        return texts(
            [
                "The console is busy: the database took too long",
                "A page may read for two seconds. Ask for less, by a shorter period or another filter; the command line has no such limit.",
            ],
            [
                "コンソールが混み合っています: データベースの応答に時間がかかりました",
                "ページの読み取りは 2 秒までです。期間を短くするか、条件を変えてください。コマンドラインにこの制限はありません。",
            ],
        );
    }
    let advice = error.advice();
    let advice = advice.unwrap_or_else(|| text!("see the log", "ログを確認してください"));
    let Text { en, ja } = error.text().then(&advice);
    [
        ["The database could not be read or written".to_owned(), en.into()],
        ["データベースを読み書きできません".to_owned(), ja.into()],
    ]
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
