//! The errors of those who may not have what they ask for.

use http::StatusCode;
use portal_domain::{Text, text};

/// The reason why a request is refused, whatever it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessError {
    SignedOut,
    WrongToken,
    /// The role is for metrics alone.
    MetricsOnly,
    /// The visitor may look, and not act.
    ReadOnly,
    TooManyWrongTokens,
    /// The host of the request is not one of the console.
    UnknownHost,
    /// A form of another site, or of a browser that does not say.
    CrossSite,
}

impl AccessError {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::SignedOut | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::MetricsOnly | Self::ReadOnly | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooManyWrongTokens => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::WrongToken => "wrong_token",
            Self::MetricsOnly => "metrics_only",
            Self::ReadOnly => "read_only",
            Self::TooManyWrongTokens => "too_many_wrong_tokens",
            Self::UnknownHost => "unknown_host",
            Self::CrossSite => "cross_site",
        }
    }

    /// Returns what is wrong and what to do, in English and Japanese.
    pub(crate) fn texts(self) -> [Text; 2] {
        match self {
            Self::SignedOut => [
                text!("You are signed out", "サインインしていません"),
                text!("Sign in with your token.", "トークンでサインインしてください。"),
            ],
            Self::WrongToken => [
                text!("Nobody has this token", "このトークンの利用者はいません"),
                text!("Check that all of it was pasted.", "全体を貼り付けたか確認してください。"),
            ],
            Self::MetricsOnly => [
                text!(
                    "This token may read metrics only",
                    "このトークンで読めるのはメトリクスだけです"
                ),
                text!(
                    "Sign in with one of the role read or act.",
                    "read または act の権限のトークンでサインインしてください。"
                ),
            ],
            Self::ReadOnly => [
                text!("You may look, and not act", "閲覧のみの権限です"),
                text!(
                    "Sign in with a token of the role act.",
                    "操作するには act の権限のトークンでサインインしてください。"
                ),
            ],
            Self::TooManyWrongTokens => [
                text!("Too many wrong tokens", "誤ったトークンが続いています"),
                text!(
                    "Try again in a minute. Whoever is signed in can go on.",
                    "1 分後にもう一度試してください。サインイン済みの人は続けて使えます。"
                ),
            ],
            Self::UnknownHost => [
                text!(
                    "The console does not answer under this host name",
                    "このホスト名ではコンソールを使えません"
                ),
                text!(
                    "Use the one of CONSOLE_URL, or add this one to OPERATOR_HOSTS.",
                    "CONSOLE_URL の名前を使うか、OPERATOR_HOSTS に追加してください。"
                ),
            ],
            Self::CrossSite => [
                text!("The form does not come from the console", "コンソール以外からの操作です"),
                text!(
                    "Open the console over https or on this machine, and act there.",
                    "https またはこのマシンでコンソールを開き、そこで操作してください。"
                ),
            ],
        }
    }
}
