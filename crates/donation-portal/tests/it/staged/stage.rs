//! A portal with its channels, a stand-in for Stripe and a clock that only the test moves; and the
//! script of what people see of it.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use portal_contract::block_on;
use portal_testkit::stripe::{Account, CLOVER, Endpoint, Server as StandIn};
use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Data};

use crate::support::channel::{Channel, Mood};
use crate::support::clock::wait_for;
use crate::support::event::{OTHER_SECRET, SECRET, payment};
use crate::support::home::{PROGRAM, TestHome, finish};
use crate::support::http::WEBHOOK;
use crate::support::server::Server;
use crate::support::{Result, at_once};

/// The beginning of each story: 2026-11-25T00:30:00Z, 9:30 in Tokyo.
const BEGIN: i64 = 1_795_566_600;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;

const KEY: &str = "rk_live_0123456789abcdef4471";

/// The time in which a message must come: the monitor runs every 5 seconds, a notifier every 2.
pub(crate) const SOON: Duration = Duration::from_secs(40);

/// Debian's library that sets the time of a process (package `faketime`).
const SHIFTED_CLOCK: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

pub(crate) struct Stage {
    pub(crate) home: TestHome,
    pub(crate) slack: Channel,
    discord: Channel,
    pub(crate) stripe: StandIn,
    stripe_clock: Arc<AtomicI64>,
    language: &'static str,
    port: u16,
    secret: &'static str,
    /// The key for Stripe's API, if there is one.
    pub(crate) key: Option<&'static str>,
    place: Place,
    /// The port of the console, if there is one.
    console: Option<u16>,
    server: Option<Server>,
    now: i64,
    /// The number of messages on each channel that are in the script.
    written: [usize; 2],
    script: String,
}

/// The checks of `doctor` that depend on when the server has last asked the stand-in for Stripe, or
/// say of every story that its payments may belong to invoices.
const HIDDEN_CHECKS: &[&str] = &["job", "report", "budget", "provisional"];

/// The rows of `status` that do so, or depend on this machine.
const HIDDEN_ROWS: [&str; 10] = [
    "reads left",
    "job",
    "disk",
    "last backup",
    "clock",
    "読み取り",
    "ジョブ",
    "ディスク",
    "バックアップ",
    "時計",
];

/// The surroundings of the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Folder,
    /// Permissions bind it although it belongs to root.
    WithoutPower,
    /// A small disk of its own.
    SmallDisk,
}

/// Plays a story in each language, and compares the scripts with the file of this name; beside them
/// somebody repairs it from the console, because each of them waits for most of its time.
pub(crate) fn play(
    name: &str,
    story: impl Fn(&mut Stage) -> Result + Sync,
    repair: impl Fn(&mut Stage) -> Result + Sync,
) -> Result {
    let languages = ["en", "ja"];
    let scripts = at_once(languages.len() + 1, |number| {
        let Some(language) = languages.get(number) else {
            repair(&mut Stage::with_console()?)?;
            return Ok(String::new());
        };
        let mut stage = Stage::new(language)?;
        story(&mut stage)?;
        Ok(stage.redacted())
    })?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/staged").join(name);
    Assert::new()
        .action_env(DEFAULT_ACTION_ENV)
        .normalize_paths(false)
        .eq(scripts.concat(), Data::read_from(&file.with_extension("txt"), None));
    Ok(())
}

impl Stage {
    fn new(language: &'static str) -> Result<Self> {
        let stripe_clock = Arc::new(AtomicI64::new(BEGIN));
        let stripe = StandIn::start(Account::live(CLOVER), KEY, Arc::clone(&stripe_clock))?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let stage = Self {
            home: TestHome::new()?,
            slack: Channel::open(Mood::Well)?,
            discord: Channel::open(Mood::Well)?,
            stripe,
            stripe_clock,
            language,
            port,
            secret: SECRET,
            key: Some(KEY),
            place: Place::Folder,
            console: None,
            server: None,
            now: BEGIN,
            written: [0; 2],
            script: format!("===== {language} =====\n"),
        };
        stage.set_clocks()?;
        stage.stripe.account().endpoints = vec![Endpoint {
            id: "we_1".into(),
            url: stage.webhook_url(),
            status: "enabled",
            enabled_events: portal_domain::event_types::MONEY_TYPES.map(str::to_owned).into(),
            api_version: Some(CLOVER),
            livemode: true,
        }];
        Ok(stage)
    }

    /// A stage in English whose server has a console, to which messages link.
    pub(crate) fn with_console() -> Result<Self> {
        let console = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self { console: Some(console), ..Self::new("en")? })
    }

    /// Returns the address of the console, which has one.
    pub(crate) fn console_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.console.unwrap_or_default())
    }

    /// Waits for the next message on Slack, and returns the path of the page that it links to.
    pub(crate) fn link_on_slack(&mut self) -> Result<String> {
        gets(&self.discord, &mut self.written[1], 1)?;
        let from = self.written[0];
        gets(&self.slack, &mut self.written[0], 1)?;
        let message = self.slack.taken().get(from).map(ToString::to_string).unwrap_or_default();
        let (_, rest) = message.split_once(&self.console_url()).ok_or_else(|| message.clone())?;
        let end = rest.find(['"', '>', '|', ' ', '\\']).unwrap_or(rest.len());
        Ok(rest.get(..end).unwrap_or_default().to_owned())
    }

    /// Writes a stage direction into the script.
    pub(crate) fn direct(&mut self, what: &str) {
        writeln!(self.script, "\n# {what}").unwrap_or_default();
    }

    /// Starts the server with this signing secret.
    pub(crate) fn start_with(&mut self, secret: &'static str) -> Result {
        self.secret = secret;
        self.start()
    }

    pub(crate) fn start(&mut self) -> Result {
        self.server = Some(Server::start(&mut self.command(&["serve"]))?);
        Ok(())
    }

    /// Starts a server that obeys the permissions of files also as root.
    pub(crate) fn start_without_power(&mut self) -> Result {
        self.place = Place::WithoutPower;
        self.start()
    }

    /// Starts a server whose database is on a small disk.
    pub(crate) fn start_on_small_disk(&mut self) -> Result {
        self.place = Place::SmallDisk;
        fs::create_dir(self.home.path("disk"))?;
        self.start()
    }

    /// Fills the small disk.
    pub(crate) fn fill(&self) -> Result {
        let mut filler = fs::File::create(self.filler()?)?;
        while filler.write_all(&[1; 4096]).is_ok() {}
        Ok(())
    }

    /// Makes room on the small disk.
    pub(crate) fn free(&self) -> Result {
        Ok(fs::remove_file(self.filler()?)?)
    }

    fn filler(&self) -> Result<PathBuf> {
        let root = PathBuf::from(format!("/proc/{}/root", self.server()?.id()));
        Ok(root.join(self.home.path("disk/filler").strip_prefix("/")?))
    }

    /// Stops the server.
    pub(crate) fn stop(&mut self) -> Result {
        self.server.take().map_or(Ok(()), |server| server.stop().map(drop))
    }

    pub(crate) fn server(&self) -> Result<&Server> {
        Ok(self.server.as_ref().ok_or("the server does not run")?)
    }

    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// Delivers a payment, which is received.
    pub(crate) fn is_paid(&self, id: &str) -> Result {
        self.is_answered(200, SECRET, [id.to_owned()])
    }

    /// Delivers payments with Stripe's secret, which are refused by their signature.
    pub(crate) fn is_refused(&self, deliveries: usize) -> Result {
        self.is_answered(400, SECRET, ids(deliveries))
    }

    /// Delivers payments with another secret than Stripe's.
    pub(crate) fn is_forged(&self, deliveries: usize) -> Result {
        self.is_answered(400, OTHER_SECRET, ids(deliveries))
    }

    /// Delivers payments that are not received now.
    pub(crate) fn is_put_off(&self, deliveries: usize) -> Result {
        self.is_answered(503, SECRET, ids(deliveries))
    }

    /// Delivers payments until one is not received: what the database has reserved has room for some.
    pub(crate) fn is_put_off_at_last(&self) -> Result {
        let deliver = |number| self.deliver(&payment(&format!("evt_{}_{number}", self.now)));
        let last = (0..1000).map(deliver).find(|status| !matches!(status, Ok(200)));
        assert_eq!(last.transpose()?, Some(503));
        Ok(())
    }

    /// Delivers a payment until it is received, and lets the outage end.
    pub(crate) fn is_recovered(&mut self, id: &str) -> Result {
        wait_for("a delivery to be received", SOON, || {
            Ok((self.deliver(&payment(id))? == 200).then_some(()))
        })?;
        self.store_says("store_unavailable", "open")?;
        self.ends("store_unavailable")
    }

    /// Lets the quiet minutes pass after which a trouble ends, and those after which an end is
    /// notified of a trouble that has come back; and writes the message.
    pub(crate) fn ends(&mut self, key: &str) -> Result {
        self.pass(3 * MINUTE)?;
        self.store_says(key, "ended")?;
        self.pass(11 * MINUTE)?;
        self.both_get(1)
    }

    /// Waits until the server has looked at the endpoint for the first time, and has written that down by
    /// the clock of now.
    pub(crate) fn is_polled(&self) -> Result {
        let store = self.home.store()?;
        wait_for("a look at the endpoint", SOON, || {
            let kept = block_on(store.job_state("endpoint_live"))?;
            Ok(kept.filter(|it| !it.is_empty()).map(drop))
        })
    }

    /// Waits until `status` has this machine's clock so many seconds ahead of Stripe's.
    pub(crate) fn status_compares_clocks(&self, ahead: i64) -> Result {
        wait_for("a comparison of the clocks", SOON, || {
            let said = finish(&mut self.command(&["status", "--format", "json"]))?.stdout;
            let line: serde_json::Value = serde_json::from_str(&said)?;
            Ok((line["clock_ahead_seconds"] == ahead).then_some(()))
        })
    }

    /// Waits until the alert has this state in the store.
    pub(crate) fn store_says(&self, key: &str, state: &str) -> Result {
        wait_for("the state of an alert", SOON, || {
            let mut list = self.command(&["alerts", "list", "--format", "json"]);
            let said = finish(&mut list)?.stdout;
            let mut alerts = said.lines().map(serde_json::from_str::<serde_json::Value>);
            let is = |alert: &serde_json::Value| alert["key"] == key && alert["state"] == state;
            Ok(alerts.any(|it| it.is_ok_and(|it| is(&it))).then_some(()))
        })
    }

    fn is_answered(
        &self,
        status: u16,
        secret: &str,
        ids: impl IntoIterator<Item = String>,
    ) -> Result {
        for id in ids {
            assert_eq!(self.deliver_signed_with(secret, &payment(&id))?, status, "{id}");
        }
        Ok(())
    }

    /// Delivers `body` as Stripe does, and returns the status of the answer.
    pub(crate) fn deliver(&self, body: &str) -> Result<u16> {
        self.deliver_signed_with(SECRET, body)
    }

    fn deliver_signed_with(&self, secret: &str, body: &str) -> Result<u16> {
        let at = self.stripe_clock.load(Ordering::Relaxed);
        let signature = portal_testkit::events::signature_at(at, secret, body.as_bytes());
        Ok(self.server()?.post(body, Some(&signature))?.status)
    }

    /// Lets this time pass, in seconds.
    pub(crate) fn pass(&mut self, seconds: i64) -> Result {
        self.stripe_clock.fetch_add(seconds, Ordering::Relaxed);
        self.shift(seconds)
    }

    /// Sets the clock of this machine alone forward, or back.
    pub(crate) fn shift(&mut self, seconds: i64) -> Result {
        self.now += seconds;
        self.set_clocks()
    }

    /// Waits until this many further messages have come to both channels, and writes those of Slack
    /// into the script.
    pub(crate) fn both_get(&mut self, messages: usize) -> Result {
        gets(&self.discord, &mut self.written[1], messages)?;
        self.slack_gets(messages)
    }

    /// Waits until this many further messages have come to Slack, and writes them into the script.
    pub(crate) fn slack_gets(&mut self, messages: usize) -> Result {
        let texts = gets(&self.slack, &mut self.written[0], messages)?;
        self.write("slack", &texts)
    }

    pub(crate) fn discord_gets(&mut self, messages: usize) -> Result {
        let texts = gets(&self.discord, &mut self.written[1], messages)?;
        self.write("discord", &texts)
    }

    /// Waits until the server says that a channel fails, or that none does: the result of a
    /// notification is written after the channel's answer.
    pub(crate) fn is_degraded(&self, due: bool) -> Result {
        wait_for("the state of the channels", SOON, || {
            let ready = self.server()?.get("/health/ready")?;
            Ok((ready.body.contains("channels") == due).then_some(()))
        })
    }

    /// Writes what the server and the commands say now.
    pub(crate) fn look(&mut self) -> Result {
        if let Some(server) = &self.server {
            let ready = server.get("/health/ready")?;
            writeln!(self.script, "GET /health/ready: {} {}", ready.status, ready.body.trim())?;
        }
        let doctor = finish(&mut self.command(&["doctor"]))?;
        writeln!(self.script, "$ donation-portal doctor")?;
        let hidden = match self.place {
            // Room for an event or two may be left.
            Place::SmallDisk => &[HIDDEN_CHECKS, &["accounts", "delivery", "disk"]].concat(),
            Place::Folder | Place::WithoutPower => HIDDEN_CHECKS,
        };
        for line in not_ok(&doctor.stdout, hidden) {
            writeln!(self.script, "{}", without_count_of_refused(line))?;
        }
        let status = finish(&mut self.command(&["status"]))?;
        writeln!(self.script, "$ donation-portal status")?;
        let hidden = |line: &&str| HIDDEN_ROWS.iter().any(|it| line.trim_start().starts_with(it));
        for line in status.all().lines().filter(|line| !hidden(line)) {
            writeln!(self.script, "{line}")?;
        }
        Ok(())
    }

    pub(crate) fn run(&mut self, args: &[&str]) -> Result {
        let said = finish(&mut self.command(args))?;
        writeln!(self.script, "$ donation-portal {}", args.join(" "))?;
        for line in said.all().lines() {
            // The time of the next attempt has a random part.
            let (known, by_chance) = line.split_once(", again ").unwrap_or((line, ""));
            writeln!(self.script, "{known}{}", if by_chance.is_empty() { "" } else { " [..]" })?;
        }
        Ok(())
    }

    /// Returns a command that runs where the server does.
    fn command(&self, args: &[&str]) -> Command {
        let pid = self.server.as_ref().map(|it| it.id().to_string());
        let mount = r#"mount -t tmpfs -o size=2m tmpfs disk && exec "$@""#;
        let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
        let before = match (self.place, &pid, is_root) {
            (Place::SmallDisk, None, true) => vec!["unshare", "--mount", "sh", "-c", mount, "-"],
            (Place::SmallDisk, None, false) => {
                vec!["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "-"]
            }
            (Place::SmallDisk, Some(pid), true) => vec!["nsenter", "--mount", "--target", pid],
            (Place::SmallDisk, Some(pid), false) => {
                vec!["nsenter", "--mount", "--user", "--preserve-credentials", "--target", pid]
            }
            (Place::WithoutPower, _, true) => vec!["setpriv", "--bounding-set=-dac_override"],
            (Place::WithoutPower, _, false) | (Place::Folder, _, _) => vec![],
        };
        let mut words = before.into_iter().chain([PROGRAM]).chain(args.iter().copied());
        let program = words.next().unwrap_or(PROGRAM);
        let mut command = self.home.configured(program, &words.collect::<Vec<_>>());
        if self.place == Place::SmallDisk {
            let database = self.home.path("disk/portal.db");
            command.env("DATABASE_URL", format!("sqlite://{}", database.display()));
        }
        if let Some(port) = self.console {
            command.env("OPERATOR_ADDR", format!("127.0.0.1:{port}"));
            command.env("CONSOLE_URL", self.console_url());
        }
        command.envs(self.key.map(|key| ("STRIPE_SECRET_KEY", key)));
        command
            .env("STRIPE_WEBHOOK_SECRET", self.secret)
            .env("LISTEN_ADDR", format!("127.0.0.1:{}", self.port))
            .env("WEBHOOK_URL", self.webhook_url())
            .env("STRIPE_API_BASE", self.stripe.base())
            .env("SLACK_WEBHOOK_URL", self.slack.url())
            .env("DISCORD_WEBHOOK_URL", self.discord.url())
            .env("ALERT_LANGUAGE", self.language)
            .env("TIME_ZONE", "Asia/Tokyo")
            .env("DIGEST_AT", "off")
            .env("LD_PRELOAD", SHIFTED_CLOCK)
            .env("FAKETIME_TIMESTAMP_FILE", self.home.path("time"))
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        command
    }

    fn webhook_url(&self) -> String {
        format!("http://127.0.0.1:{}{WEBHOOK}", self.port)
    }

    /// Replaces the file with the time, so that nobody reads a half of it.
    fn set_clocks(&self) -> Result {
        let time = jiff::Timestamp::from_second(self.now)?.strftime("%F %T").to_string();
        let next = self.home.path("time.next");
        fs::write(&next, time)?;
        Ok(fs::rename(next, self.home.path("time"))?)
    }

    fn write(&mut self, channel: &str, texts: &[String]) -> Result {
        for text in texts {
            writeln!(self.script, "[{channel}]")?;
            for line in text.lines() {
                writeln!(self.script, "    {line}")?;
            }
        }
        Ok(())
    }

    fn redacted(mut self) -> String {
        self.stop().ok();
        let home = self.home.path("").display().to_string();
        let script = self.script.replace(&home, "[HOME]/");
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let shown = ["From ", "送信元: "].map(|it| (format!("{it}{}", host.trim()), it));
        let hide = |script: String, (shown, before): &(String, &str)| {
            script.replace(shown, &format!("{before}[HOST]"))
        };
        let script = shown.iter().fold(script, hide);
        script.replace(&self.port.to_string(), "[PORT]")
    }
}

fn ids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("evt_{number}"))
}

fn gets(channel: &Channel, written: &mut usize, messages: usize) -> Result<Vec<String>> {
    let texts = wait_for("a message", SOON, || {
        let taken = channel.taken();
        Ok((taken.len() >= *written + messages).then_some(taken))
    })
    .map_err(|error| format!("{error}: {:#?}", channel.taken()))?;
    let mut new: Vec<_> = texts.get(*written..).unwrap_or_default().iter().map(shown).collect();
    *written = texts.len();
    // Those that come at once have no order.
    new.sort();
    Ok(new)
}

/// Returns the lines of `doctor` that belong to no check that is ok or hidden, without the first, which
/// counts the hidden ones too.
fn not_ok<'p>(printed: &'p str, hidden: &[&str]) -> Vec<&'p str> {
    let mut shown = true;
    let is_shown = |line: &&str| {
        // The advice is below its finding, indented.
        if !line.starts_with(' ') {
            let mut words = line.split_whitespace();
            let (level, check) = (words.next(), words.next());
            shown = !matches!(level, Some("ok" | "正常"))
                && !check.is_some_and(|it| hidden.contains(&it));
        }
        shown
    };
    printed.lines().skip(1).filter(is_shown).collect()
}

/// Hides the number of refused deliveries in a line of `doctor`, as [`without_refused`] does.
fn without_count_of_refused(line: &str) -> String {
    for (before, after) in
        [("deliveries are refused (", ", beside "), ("配信を拒否しています（", "。受け付けた")]
    {
        let rest = line.split_once(before).zip(line.split_once(after));
        if let Some(((level, _), (_, rest))) = rest {
            return format!("{level}{before}[N]{after}{rest}");
        }
    }
    line.to_owned()
}

/// Returns the text that people read of a message to Slack or Discord.
fn shown(message: &serde_json::Value) -> String {
    let text = message.get("text").or_else(|| message.pointer("/embeds/0/description"));
    let text = text.and_then(|it| it.as_str());
    text.map_or_else(|| message.to_string(), without_refused)
}

/// Hides the number of refused deliveries: the monitor may look at any of a burst, and find a store
/// that takes nothing before or after a delivery does. The end has the number.
fn without_refused(text: &str) -> String {
    let after = [" deliveries were refused", " 件の配信を拒否"];
    let hide = |text: String, after: &&str| match text.split_once(*after) {
        Some((before, rest)) => {
            format!("{}[N]{after}{rest}", before.trim_end_matches(|it: char| it.is_ascii_digit()))
        }
        None => text,
    };
    let text = after.iter().fold(text.to_owned(), hide);
    let so_far = [("so far: ", "."), ("これまでに 503 を返した配信は ", " 件")];
    so_far.iter().fold(text, |text, (before, after)| {
        let around = text.split_once(before).and_then(|(head, rest)| {
            let (_, tail) = rest.split_once(after)?;
            Some(format!("{head}{before}[N]{after}{tail}"))
        });
        around.unwrap_or(text)
    })
}
