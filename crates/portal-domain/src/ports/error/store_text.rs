//! The errors of a store, and what to do about them, for people.

use super::StoreError;
use crate::advise::Advise;
use crate::text::Text;

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
