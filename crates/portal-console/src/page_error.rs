//! The errors of pages, with their status codes and texts.

use http::StatusCode;
use portal_domain::{Advise as _, StoreError, Text, text};

/// The reason why there is no page. It repeats nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageError {
    NotFound,
    MethodNotAllowed,
    /// The form has other fields, or is too large.
    BadForm,
    SignedOut,
    WrongToken,
    /// The role is for metrics alone.
    MetricsOnly,
    TooManyWrongTokens,
    /// The host of the request is not one of the console.
    UnknownHost,
    /// A form of another site, or of a browser that does not say.
    CrossSite,
    Store(StoreError),
}

impl PageError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::SignedOut | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::MetricsOnly | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooManyWrongTokens => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// True if there is no page of ours at the address that was asked for.
    pub(crate) fn is_of_address(&self) -> bool {
        matches!(self, Self::NotFound | Self::MethodNotAllowed | Self::UnknownHost)
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadForm => "bad_form",
            Self::SignedOut => "signed_out",
            Self::WrongToken => "wrong_token",
            Self::MetricsOnly => "metrics_only",
            Self::TooManyWrongTokens => "too_many_wrong_tokens",
            Self::UnknownHost => "unknown_host",
            Self::CrossSite => "cross_site",
            Self::Store(error) => error.name(),
        }
    }

    /// Returns what is wrong and what to do, in English and Japanese.
    pub(crate) fn texts(&self) -> [[String; 2]; 2] {
        let texts = |english: [&str; 2], japanese: [&str; 2]| {
            [english.map(str::to_owned), japanese.map(str::to_owned)]
        };
        match self {
            Self::NotFound => texts(
                ["There is nothing at this address", "It may have been typed wrong."],
                ["このアドレスには何もありません", "入力に誤りがあるかもしれません。"],
            ),
            Self::MethodNotAllowed => texts(
                ["This address takes another method", "Open it from the page before."],
                ["このアドレスでは使えない操作です", "前のページから操作してください。"],
            ),
            Self::SignedOut => texts(
                ["You are signed out", "Sign in with your token."],
                ["サインインしていません", "トークンでサインインしてください。"],
            ),
            Self::BadForm => texts(
                ["The form cannot be read", "Open the page before anew, and send it again."],
                ["フォームを読み取れません", "前のページを開き直して、もう一度送信してください。"],
            ),
            Self::WrongToken => texts(
                ["Nobody has this token", "Check that all of it was pasted."],
                ["このトークンの利用者はいません", "全体を貼り付けたか確認してください。"],
            ),
            Self::MetricsOnly => texts(
                ["This token may read metrics only", "Sign in with one of the role read or act."],
                [
                    "このトークンで読めるのはメトリクスだけです",
                    "read または act の権限のトークンでサインインしてください。",
                ],
            ),
            Self::TooManyWrongTokens => texts(
                ["Too many wrong tokens", "Try again in a minute. Whoever is signed in can go on."],
                [
                    "誤ったトークンが続いています",
                    "1 分後にもう一度試してください。サインイン済みの人は続けて使えます。",
                ],
            ),
            Self::UnknownHost => texts(
                [
                    "The console does not answer under this host name",
                    "Use the one of CONSOLE_URL, or add this one to OPERATOR_HOSTS.",
                ],
                [
                    "このホスト名ではコンソールを使えません",
                    "CONSOLE_URL の名前を使うか、OPERATOR_HOSTS に追加してください。",
                ],
            ),
            Self::CrossSite => texts(
                [
                    "The form does not come from the console",
                    "Open the console over https or on this machine, and act there.",
                ],
                [
                    "コンソール以外からの操作です",
                    "https またはこのマシンでコンソールを開き、そこで操作してください。",
                ],
            ),
            Self::Store(error) => {
                let advice = error.advice();
                let advice =
                    advice.unwrap_or_else(|| text!("see the log", "ログを確認してください"));
                let Text { en, ja } = error.text().then(&advice);
                [
                    ["The database could not be read".to_owned(), en.into()],
                    ["データベースを読み取れません".to_owned(), ja.into()],
                ]
            }
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
