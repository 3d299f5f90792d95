//! The table of all settings. From it come the server's flags and variables, the Worker's bindings,
//! `config`, the tables of both READMEs and the comments of `wrangler.toml`.

use super::Setting;

/// A setting with what documents and help say of it. No part of it is linked into the Worker.
pub struct SettingHelp {
    pub setting: Setting,
    pub worker: OnWorker,
    /// The heading of the flag in `--help`.
    pub heading: &'static str,
    /// The name of the value in `--help`.
    pub value: &'static str,
    pub english: &'static str,
    pub japanese: &'static str,
}

/// The secrecy of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    Open,
    /// It is shown masked, and `NAME_FILE` may name a file that holds it.
    Secret,
}

/// The setting on a Worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnWorker {
    /// As on the server, with the same default.
    Same,
    /// With another meaning, which this text tells, and no default.
    But(&'static str),
    No,
}

use OnWorker::{But, No, Same};
use Secrecy::{Open, Secret};

macro_rules! settings {
    ($($name:ident: $secrecy:ident, $worker:expr, $heading:literal, $value:literal,
        default $default:expr, form $form:literal | $form_in_japanese:literal, example $example:literal,
        $english:literal, $japanese:literal;)*) => {
        $(pub const $name: Setting = Setting {
            name: stringify!($name), secrecy: $secrecy, default: $default, form: $form,
            form_in_japanese: $form_in_japanese, example: $example,
        };)*

        /// All settings.
        pub const SETTINGS: &[SettingHelp] = &[$(SettingHelp {
            setting: $name, worker: $worker, heading: $heading, value: $value,
            english: $english, japanese: $japanese,
        }),*];

        /// The settings that a Worker has, beside its database.
        pub const SETTINGS_ON_WORKER: &[Option<Setting>] =
            &[$(if matches!($worker, No) { None } else { Some($name) }),*];
    };
}

settings! {
    STRIPE_WEBHOOK_SECRET: Secret, Same, "Receiving", "SECRET[,SECRET…]",
        default None, form "set" | "値が必要です", example "whsec_…",
        "Signing secrets of the endpoint (`whsec_…`), up to 8, separated by commas: several for rotation, test and live mode, snapshot and thin events. `serve` needs one",
        "署名シークレット（`whsec_…`）。カンマ区切りで 8 個まで。ローテーション中や、テスト環境と本番環境の併用に使います。`serve` では必須です";
    SIGNATURE_TOLERANCE_SECONDS: Open, Same, "Receiving", "SECONDS",
        default Some("300"), form "1 to 3600" | "1〜3600", example "300",
        "Maximum difference between a signature's timestamp and now, in seconds: 1 to 3600; the check cannot be switched off",
        "署名時刻と現在時刻の差として認める最大の秒数（前後とも）。1〜3600。検査を止めることはできません";
    DATABASE_URL: Secret, No, "Database", "URL",
        default Some("sqlite://data/donation-portal.db"), form "sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE" | "sqlite://PATH または postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        example "sqlite:///var/lib/donation-portal/portal.db",
        "Database: a file, `sqlite://PATH`, or a server, `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full` (runbook, §9), and then a secret",
        "データベース。ファイル（`sqlite://PATH`）、またはサーバー（`postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`、運用手順書の §9）。後者は秘密情報です";
    NO_MIGRATE: Open, No, "Database", "true|false",
        default Some("false"), form "true or false" | "true または false", example "true",
        "`true`: do not run migrations at startup; fail if the schema is out of date",
        "`true` なら起動時にスキーマを更新せず、古ければ起動に失敗します";
    LISTEN_ADDR: Open, No, "Service", "ADDRESS:PORT",
        default Some("127.0.0.1:8787"), form "an IP address and a port" | "IP アドレスとポート", example "127.0.0.1:8787",
        "Address and port of the public listener: HTTP/1.1 without TLS, so put a proxy in front",
        "待ち受けるアドレスとポート。TLS なしの HTTP/1.1 なので、前段にプロキシを置いてください";
    IDLE_TIMEOUT_SECONDS: Open, No, "Service", "SECONDS",
        default Some("620"), form "10 to 86400" | "10〜86400", example "620",
        "Time after which an idle connection is closed, in seconds: 10 to 86400. Longer than the proxy's own: cloudflared has 90, Google's load balancers 600",
        "使われていない接続を閉じるまでの秒数。10〜86400。前段のプロキシより長くします（cloudflared は 90 秒、Google のロードバランサーは 600 秒）";
    LOG_FORMAT: Open, But("Lines of text (\"json\"), for a terminal; not set: objects, which Workers Logs indexes by their fields"), "Service", "json|pretty",
        default Some("json"), form "json or pretty" | "json または pretty", example "json",
        "Format of the log on standard output: `json`, an object a line; or `pretty`, for people, the default of `dev`",
        "標準出力に出すログの形式。`json`（1 行 1 オブジェクト）、または `pretty`（人が読む形式。`dev` の既定値）";
    RUST_LOG: Open, No, "Service", "FILTER",
        default Some("info"), form "off, error, warn, info, debug or trace, or TARGET=LEVEL pairs separated by commas, each for a crate of this program" | "off、error、warn、info、debug、trace のいずれか、または TARGET=LEVEL のカンマ区切り。TARGET はこのプログラムのクレート", example "info,portal_http=debug",
        "Log filter: a level, or `target=level` pairs separated by commas; a target is a crate of this program, such as `portal_http`",
        "ログレベル、または `target=level` のカンマ区切り。target はこのプログラムのクレートです（例: `portal_http`）";
    DEAD_EVENTS_MAX: Open, Same, "Service", "EVENTS",
        default Some("100"), form "0 to 999" | "0〜999", example "100",
        "Report not ready when there are more dead events than this: 0 to 999. The first one raises an alert",
        "処理できなかったイベントがこの件数を超えると、準備未完了とします。0〜999。最初の 1 件でアラートを出します";
    OTEL_EXPORTER_OTLP_ENDPOINT: Open, No, "Service", "URL",
        default None, form "a URL without path, ? and #" | "パス、?、# のない URL", example "http://127.0.0.1:4318",
        "URL of an OpenTelemetry collector that gets traces (OTLP over HTTP); without it there are none",
        "トレースを受け取る OpenTelemetry Collector の URL（OTLP/HTTP）。なければ送りません";
    OTEL_TRACES_SAMPLER_ARG: Open, No, "Service", "SHARE",
        default Some("0.01"), form "1, or a share such as 0.01" | "1、または 0.01 のような割合", example "0.1",
        "Share of deliveries that are traced",
        "トレースする配信の割合";
    STRIPE_SECRET_KEY: Secret, Same, "Stripe's API", "KEY",
        default None, form "set" | "値が必要です", example "rk_live_…",
        "Key for Stripe's API, restricted to read permissions (`rk_live_…`; runbook, §16); without one nothing is compared with Stripe, and thin events wait",
        "読み取りだけを許した制限付きキー（`rk_live_…`。運用手順書の §16）。なければ Stripe との照合を行わず、シン（thin）イベントは待ち続けます";
    STRIPE_API_BASE: Open, Same, "Stripe's API", "URL",
        default Some(portal_outbound::STRIPE_API_URL), form "a URL without path, ? and #" | "パス、?、# のない URL", example "https://api.stripe.com",
        "URL of Stripe's API",
        "Stripe の API の URL";
    WEBHOOK_URL: Open, Same, "Stripe's API", "URL",
        default None, form "a URL" | "URL", example "https://donations.example.org/api/webhooks/stripe",
        "Public URL of this service, as the endpoint at Stripe has it; with it the endpoint is monitored",
        "このサービスの公開 URL（Stripe のエンドポイントと同じもの）。設定するとエンドポイントを監視します";
    READ_BUDGET: Open, Same, "Stripe's API", "READS",
        default Some("8000"), form "a number of reads, 100 or more" | "100 以上の回数", example "8000",
        "Maximum number of reads at Stripe in 30 days, 100 or more; every account has 10,000. The fewer are left, the longer the interval between polls",
        "30 日間に Stripe を読み取る回数の上限（100 以上）。どのアカウントにも 10,000 回あります。残りが減るほど問い合わせの間隔を広げます";
    SLACK_WEBHOOK_URL: Secret, Same, "Alerts", "URL[,URL…]",
        default None, form "a URL" | "URL", example "https://hooks.slack.com/…",
        "Incoming webhooks of Slack to notify, up to 8, separated by commas",
        "通知先とする Slack の Incoming Webhook。カンマ区切りで 8 個まで";
    DISCORD_WEBHOOK_URL: Secret, Same, "Alerts", "URL[,URL…]",
        default None, form "a URL" | "URL", example "https://discord.com/api/webhooks/…",
        "Webhooks of Discord channels to notify, likewise",
        "通知先とする Discord のチャンネルの Webhook。書き方は同じです";
    PAGERDUTY_ROUTING_KEY: Secret, Same, "Alerts", "KEY[,KEY…]",
        default None, form "a key" | "キー", example "0123456789abcdef…",
        "Integration keys of PagerDuty (Events API v2) to notify, likewise",
        "通知先とする PagerDuty の Integration Key（Events API v2）。書き方は同じです";
    PAGERDUTY_EVENTS_URL: Open, Same, "Alerts", "URL",
        default Some(portal_outbound::PAGERDUTY_EVENTS_URL), form "an https:// URL" | "https:// の URL", example "https://events.eu.pagerduty.com/v2/enqueue",
        "URL of PagerDuty's Events API; the EU service region has another one",
        "PagerDuty の Events API の URL。EU リージョンでは異なります";
    RUNBOOK_URL: Open, Same, "Alerts", "URL",
        default None, form "an https:// URL" | "https:// の URL", example "https://wiki.example.org/runbook",
        "URL of your copy of the runbook; each alert links to its section there (`URL#event_dead`)",
        "運用手順書を置いた URL。アラートから該当の節（`URL#event_dead`）にリンクします";
    ALERT_LANGUAGE: Open, Same, "Alerts", "en|ja",
        default Some("en"), form "en or ja" | "en または ja", example "ja",
        "Language of alerts and of the digest: `en` or `ja`",
        "アラートと日次の集計の言語。`en` または `ja`";
    DIGEST_AT: Open, Same, "Alerts", "HH:MM|off",
        default Some("09:00"), form "a time of day, or off" | "時刻、または off", example "09:00",
        "Time of day to send the digest of the day before, or `off`",
        "前日の集計を送る時刻。`off` で送りません";
    OPERATOR_ADDR: Open, No, "Console", "ADDRESS:PORT|off",
        default Some("127.0.0.1:8788"), form "an IP address and a port, or off" | "IP アドレスとポート、または off", example "127.0.0.1:8788",
        "Address and port of the console, or `off`; off this machine it needs `OPERATOR_TOKENS`",
        "コンソールのアドレスとポート。`off` で無効。このマシンの外から使うには `OPERATOR_TOKENS` が必要です";
    OPERATOR_TOKENS: Secret, Same, "Console", "NAME:ROLE:TOKEN[,…]",
        default None, form "NAME:ROLE:TOKEN entries separated by commas" | "NAME:ROLE:TOKEN のカンマ区切り", example "treasurer:read:TOKEN",
        "Operators of the console, up to 8: `NAME:ROLE:TOKEN`, with the role `read`, `act` or `metrics` and a token of 32 characters or more",
        "コンソールの利用者。8 人まで。`NAME:ROLE:TOKEN`。権限は `read`（閲覧のみ）、`act`（操作可）、`metrics`。トークンは 32 文字以上です";
    CONSOLE_URL: Open, Same, "Console", "URL",
        default None, form "a URL without path" | "パスのない URL", example "https://console.example.org",
        "Public URL of the console; alerts link to it",
        "コンソールの公開 URL。アラートからリンクします";
    OPERATOR_HOSTS: Open, Same, "Console", "HOST[,HOST…]",
        default None, form "host names separated by commas" | "ホスト名のカンマ区切り", example "console.example.org",
        "Further host names under which the console answers, up to 8",
        "コンソールが応答する、ほかのホスト名。8 個まで";
    CLI_LANGUAGE: Open, No, "Times and language", "en|ja",
        default None, form "en or ja" | "en または ja", example "ja",
        "Language of `doctor`, `status`, `reports show` and of errors: `en` or `ja`; not set: `ALERT_LANGUAGE`. Usage errors, JSON and logs are English",
        "`doctor`、`status`、`reports show` とエラーの言語。`en` または `ja`。設定しなければ `ALERT_LANGUAGE` と同じです。コマンドの使い方の誤り、JSON、ログは英語です";
    TIME_ZONE: Open, But("Time zone of the days of the digest: \"UTC\", \"Asia/Tokyo\", or an offset such as \"+09:00\"; not set: UTC"), "Times and language", "ZONE",
        default Some("UTC"), form "a time zone of the IANA database" | "IANA データベースのタイムゾーン", example "Asia/Tokyo",
        "Time zone of the digest's days, of dates on the command line and of times shown, such as `Asia/Tokyo`",
        "集計と、コマンドで指定する日付、表示する時刻のタイムゾーン。例: `Asia/Tokyo`";
    FISCAL_YEAR_START: Open, Same, "Times and language", "MONTH",
        default Some("4"), form "1 to 12" | "1〜12", example "4",
        "Month with which a fiscal year begins, 1 to 12: with 4 `fy2026` begins in April 2026",
        "会計年度の開始月。1〜12。4 なら `fy2026` は 2026 年 4 月から始まります";
}
