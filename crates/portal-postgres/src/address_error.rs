//! The reasons for which the URL of a database is refused.

use std::fmt;
use std::path::PathBuf;

use portal_domain::{Advise, Text, text};

/// The error for an invalid URL. It repeats nothing of the URL except the name of a file and
/// names of known options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// The URL has another form.
    Malformed,
    /// The value of this option is none that it may have.
    InvalidOption(&'static str),
    /// This option of libpq, or of another program, has no effect here.
    UnsupportedOption(&'static str),
    /// There is no such option. Its name may be a part of a password, and is not repeated.
    UnknownOption,
    /// More than one `@`: what follows the first would be taken for the host, and be shown.
    AmbiguousAt,
    /// The URL names no host.
    NoHost,
    /// The `sslmode` is none of libpq's.
    UnknownSslMode,
    /// The file named by `sslrootcert` cannot be read or has no certificates.
    UnreadableRootCertificate(PathBuf),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for AddressError {}

impl Advise for AddressError {
    fn text(&self) -> Text {
        match self {
            Self::Malformed => {
                text!("it is not a PostgreSQL URL", "PostgreSQL の URL ではありません")
            }
            Self::InvalidOption(name) => text!(
                "its option {name} has a value that is not known",
                "オプション {name} の値が正しくありません"
            ),
            Self::UnsupportedOption(name) => text!(
                "its option {name} is not supported by this program",
                "このプログラムはオプション {name} に対応していません"
            ),
            Self::UnknownOption => {
                text!("it has an option that is not known", "未知のオプションがあります")
            }
            Self::AmbiguousAt => text!("it has more than one @", "@ が二つ以上あります"),
            Self::NoHost => text!("it names no host", "ホストがありません"),
            Self::UnknownSslMode => {
                text!("it has an unknown sslmode", "sslmode の値が正しくありません")
            }
            Self::UnreadableRootCertificate(path) => {
                let path = path.display();
                text!(
                    "no certificate can be read from sslrootcert {path}",
                    "sslrootcert {path} から証明書を読み取れません"
                )
            }
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::Malformed | Self::NoHost => text!(
                "use postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters in the password percent-encoded",
                "postgres://USER:PASSWORD@HOST:PORT/DATABASE とし、パスワードの記号はパーセントエンコードしてください"
            ),
            Self::InvalidOption(_) => text!(
                "correct it, as libpq's documentation has it",
                "libpq のドキュメントのとおりに直してください"
            ),
            Self::UnsupportedOption(_) => text!("remove it", "削除してください"),
            Self::UnknownOption => text!(
                "remove it, or write each ? and & of the password as %3F and %26",
                "削除してください。パスワードの ? と & は %3F と %26 と書きます"
            ),
            Self::AmbiguousAt => text!(
                "write each @ of the user name and the password as %40",
                "ユーザー名とパスワードの @ は %40 と書いてください"
            ),
            Self::UnknownSslMode => text!(
                "use disable, allow, prefer, require, verify-ca or verify-full",
                "disable、allow、prefer、require、verify-ca、verify-full のいずれかにしてください"
            ),
            Self::UnreadableRootCertificate(_) => text!(
                "name a PEM file that this user may read",
                "このユーザーが読み取れる PEM ファイルを指定してください"
            ),
        })
    }
}
