//! Errors of a store, and of making an event durable.

use std::fmt;

use strum::{IntoStaticStr, VariantNames};

use crate::advise::Advise;
use crate::text::Text;

/// The reason why a store could not do its step.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", prefix = "store_")]
pub enum StoreError {
    /// Another process holds the lock.
    Busy,
    /// No room on the disk.
    Full,
    /// It may be read, but not written.
    ReadOnly,
    /// Its files are damaged, or not a database of this service.
    Corrupt,
    /// It is not there, or was moved away while it was open.
    Missing,
    /// Its file could not be made, in the words of the system.
    NotMade(String),
    /// Only its file is mounted, and the log beside it would be lost.
    MountedAlone {
        /// The folder to mount.
        folder: String,
    },
    /// Nobody answers where it should be, or the connection ended.
    Unreachable,
    /// It did not answer in time. The write may have been done.
    TimedOut,
    /// Its server takes no more connections.
    TooManyConnections,
    /// Its server refuses this user, in its own words.
    AccessDenied(String),
    /// Its server is older than this service needs.
    ServerTooOld {
        /// The server's version, as it calls itself.
        found: String,
    },
    /// The allowance of the day is used up.
    QuotaExhausted,
    /// A write ran with another setting than this service sets for it, so that its commit proves
    /// nothing.
    SettingLost {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
    },
    /// A copy into it has not ended.
    CopyIncomplete,
    /// A newer version of this service has migrated it.
    TooNew {
        /// The schema version found.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// It has to be migrated, which a reader does not do.
    TooOld {
        /// The schema version found.
        found: u32,
        /// The one that this version needs.
        needed: u32,
    },
    /// Any other failure, in the store's own words, which quote nothing of an event.
    Failed(String),
}

impl StoreError {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// True if the error may be caused by the entries of the batch, so that others may be written now.
    #[must_use]
    pub fn is_of_the_batch(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::AccessDenied(_))
    }

    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for StoreError {}

impl Advise for StoreError {
    fn text(&self) -> Text {
        match self {
            Self::Busy => text!(
                "the database is locked by another process",
                "別のプロセスがデータベースをロックしています"
            ),
            Self::Full => text!("the disk is full", "ディスクに空きがありません"),
            Self::ReadOnly => {
                text!("the database is read-only", "データベースは読み取り専用です")
            }
            Self::Corrupt => text!(
                "the database is damaged, or not a database of this service",
                "データベースが破損しているか、このサービスのデータベースではありません"
            ),
            Self::Missing => text!("the database is not there", "データベースがありません"),
            Self::NotMade(why) => {
                text!("the file cannot be made: {why}", "ファイルを作成できません: {why}")
            }
            Self::MountedAlone { folder } => text!(
                "the file is mounted alone, so the log beside it would be lost; mount its folder {folder}",
                "ファイルだけがマウントされており、同じ場所のログが失われます。フォルダー {folder} をマウントしてください"
            ),
            Self::Unreachable => text!(
                "the database server cannot be reached",
                "データベースサーバーに接続できません"
            ),
            Self::TimedOut => text!(
                "the database did not answer in time",
                "データベースが時間内に応答しませんでした"
            ),
            Self::TooManyConnections => text!(
                "the database server takes no more connections",
                "データベースサーバーの接続数が上限に達しています"
            ),
            Self::AccessDenied(words) => text!(
                "the database server refuses: {words}",
                "データベースサーバーに拒否されました: {words}"
            ),
            Self::ServerTooOld { found } => text!(
                "the database server is PostgreSQL {found}; 15 or later is needed",
                "データベースサーバーは PostgreSQL {found} です（15 以降が必要）"
            ),
            Self::QuotaExhausted => text!(
                "the database's allowance of the day is used up, until midnight UTC",
                "データベースの 1 日の割り当てを使い切りました（UTC の 0 時に回復します）"
            ),
            Self::SettingLost { name, found } => text!(
                "the database ran a write with {name} = {found}, which this service sets otherwise: a pooler in between loses settings within a transaction",
                "このサービスの設定と異なる {name} = {found} で書き込まれました。間にあるプーラーが、トランザクション内の設定を失っています"
            ),
            Self::CopyIncomplete => text!(
                "a copy into the database has not ended",
                "データベースへのコピーが完了していません"
            ),
            Self::TooNew { found, known } => text!(
                "the database has schema version {found} and this program knows {known}",
                "データベースのスキーマはバージョン {found} ですが、このプログラムが対応するのは {known} までです"
            ),
            Self::TooOld { found, needed } => text!(
                "the database has schema version {found} and this program needs {needed}",
                "データベースのスキーマはバージョン {found} ですが、このプログラムには {needed} が必要です"
            ),
            Self::Failed(what) => {
                text!("the database failed: {what}", "データベースでエラーが発生しました: {what}")
            }
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::Busy => text!(
                "try again when the other process has ended",
                "そのプロセスが終わってから、やり直してください"
            ),
            Self::Full => text!(
                "free disk space where the database is",
                "データベースのあるディスクの空きを増やしてください"
            ),
            Self::ReadOnly => text!(
                "make the file writable, or use the primary server, not a standby",
                "ファイルを書き込み可能にするか、スタンバイではなくプライマリのサーバーを使ってください"
            ),
            Self::Corrupt => text!(
                "use the right database, or restore a backup",
                "正しいデータベースを指定するか、バックアップから復元してください"
            ),
            Self::Unreachable => text!(
                "check host and port, and whether the server runs",
                "ホストとポート、サーバーが起動しているかを確認してください"
            ),
            Self::TimedOut => text!(
                "check whether the server is overloaded or a lock is held there, then try again",
                "サーバーの負荷と、残っているロックを確認してから、やり直してください"
            ),
            Self::TooManyConnections => text!(
                "raise max_connections of the server, or connect fewer processes",
                "サーバーの max_connections を増やすか、接続するプロセスを減らしてください"
            ),
            Self::AccessDenied(_) => text!(
                "check user and password, and the user's rights (grant, pg_hba.conf)",
                "ユーザー名とパスワード、ユーザーの権限（grant、pg_hba.conf）を確認してください"
            ),
            Self::ServerTooOld { .. } => text!(
                "upgrade it, or use a newer server",
                "アップグレードするか、新しいサーバーを使ってください"
            ),
            Self::SettingLost { .. } => text!(
                "use the server's own address, or pool by transaction or session",
                "サーバーに直接接続するか、プーラーをトランザクション単位かセッション単位にしてください"
            ),
            Self::CopyIncomplete => text!(
                "run `donation-portal copy` again",
                "`donation-portal copy` をもう一度実行してください"
            ),
            Self::TooNew { .. } => {
                text!("use the newer program", "新しいバージョンのプログラムを使ってください")
            }
            Self::TooOld { .. } => text!(
                "run `donation-portal migrate`, or on D1 `wrangler d1 migrations apply`",
                "`donation-portal migrate`（D1 では `wrangler d1 migrations apply`）を実行してください"
            ),
            Self::NotMade(_) => text!(
                "look at the folder: its rights, and those of its disk",
                "フォルダーの権限と、ディスクの状態を確認してください"
            ),
            Self::Missing | Self::MountedAlone { .. } | Self::QuotaExhausted | Self::Failed(_) => {
                return None;
            }
        })
    }
}

/// The reason why an event cannot be made durable now. Stripe sends it again after a 503.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Unavailable {
    /// The queue of deliveries is full.
    QueueFull,
    /// The write did not end soon enough.
    DeadlinePassed,
    /// The service is ending.
    ShuttingDown,
    /// The store failed.
    #[strum(transparent)]
    Store(StoreError),
}

impl Unavailable {
    /// The names of all; `store` stands for those of [`StoreError`].
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => f.write_str("too many deliveries wait for the database"),
            Self::DeadlinePassed => f.write_str("the database did not answer soon enough"),
            Self::ShuttingDown => f.write_str("the service is shutting down"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unavailable {}
