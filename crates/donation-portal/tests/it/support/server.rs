//! A running server.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use portal_testkit::http::{Client as _, UrlClient};
use serde_json::Value;

use super::home::{PROGRAM, TestHome};
use super::http::{Answer, Connection, WEBHOOK};
use super::output::Output;
use super::{Result, clock, event};

/// The time that a start may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The time that a shutdown may take: more than the server's own deadline.
const END_LIMIT: Duration = Duration::from_secs(25);

/// The time that a log line may take to be written.
const LOG_LIMIT: Duration = Duration::from_secs(5);

/// A server process; killed on drop.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    outputs: Option<Outputs>,
    client: UrlClient,
}

struct Outputs {
    stdout: Output,
    stderr: Output,
}

impl TestHome {
    /// Starts `serve` in this home.
    pub(crate) fn serve(&self) -> Result<Server> {
        Server::start(&mut self.configured(PROGRAM, &["serve"]))
    }
}

/// Returns a home with a running server, whose webhook is `$URL` in transcripts.
pub(crate) fn served(flags: &[&str]) -> Result<TestHome> {
    let home = TestHome::new()?;
    drop(home.store()?);
    let server = Server::start(&mut home.configured(PROGRAM, &[&["serve"], flags].concat()))?;
    Ok(home.set("URL", server.url(WEBHOOK)).beside(server))
}

impl Server {
    /// Runs `command` and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = Output::of(child.stdout.take().ok_or("no standard output")?);
        let stderr = Output::of(child.stderr.take().ok_or("no standard error")?);
        let mut server = Self {
            address: (Ipv4Addr::UNSPECIFIED, 0).into(),
            child,
            outputs: Some(Outputs { stdout, stderr }),
            client: UrlClient::new(""),
        };
        server.address = clock::wait_for("the server to listen", START_LIMIT, || {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{status}: {}", server.text()).into());
            }
            Ok(address_in(&server.text()))
        })?;
        server.client = UrlClient::new(&server.url(""));
        Ok(server)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.address)
    }

    /// Sends `bytes` on a new connection; returns `None` if no answer came.
    pub(crate) fn say(&self, bytes: impl AsRef<[u8]>) -> Result<Option<Answer>> {
        let mut connection = self.connect()?;
        connection.send(bytes)?;
        connection.answer()
    }

    /// Delivers `body` as Stripe does.
    pub(crate) fn deliver(&self, body: impl AsRef<[u8]>) -> Result<Answer> {
        let body = body.as_ref();
        self.post(body, Some(&event::signature(body)?))
    }

    /// Posts `body` to the webhook with this signature, or without one.
    pub(crate) fn post(&self, body: impl AsRef<[u8]>, signature: Option<&str>) -> Result<Answer> {
        let mut headers = vec![("Content-Type", "application/json; charset=utf-8")];
        headers.extend(signature.map(|it| ("Stripe-Signature", it)));
        self.client.send("POST", WEBHOOK, &headers, Some(body.as_ref()))
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        self.client.send("GET", path, &[], None)
    }

    /// Waits until the service says that it is ready, which takes a moment on a busy machine.
    pub(crate) fn wait_until_ready(&self) -> Result {
        clock::wait_for("the server to be ready", START_LIMIT, || {
            Ok((self.get("/health/ready")?.status == 200).then_some(()))
        })
    }

    /// Returns the output so far.
    pub(crate) fn said(&self) -> Vec<u8> {
        let outputs = self.outputs.iter();
        outputs.flat_map(|it| [it.stdout.so_far(), it.stderr.so_far()].concat()).collect()
    }

    /// Returns the output so far as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.said()).into_owned()
    }

    /// Returns the log lines so far.
    pub(crate) fn log(&self) -> Result<Vec<Value>> {
        let text = self.text();
        // The last line may be incomplete.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(serde_json::from_str);
        Ok(lines.collect::<std::result::Result<_, _>>()?)
    }

    /// Waits for a log line that `wanted` accepts.
    pub(crate) fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let found =
            clock::wait_for("a log line", LOG_LIMIT, || Ok(self.log()?.into_iter().find(&wanted)));
        found.map_err(|error| format!("{error} in\n{}", self.text()).into())
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) -> Result {
        signal(self.id(), name)
    }

    /// Returns true while the process runs.
    pub(crate) fn lives(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until the process has ended.
    pub(crate) fn ended(&mut self) -> Result<ExitStatus> {
        self.ended_within(END_LIMIT)
    }

    pub(crate) fn ended_within(&mut self, limit: Duration) -> Result<ExitStatus> {
        let child = &mut self.child;
        clock::wait_for("the server to end", limit, || Ok(child.try_wait()?))
    }

    /// Stops the server with SIGTERM, asserts that it exits with 0, and returns its whole output.
    pub(crate) fn stop(mut self) -> Result<Vec<u8>> {
        self.signal("TERM")?;
        let status = self.ended()?;
        let outputs = self.outputs.take().ok_or("stopped twice")?;
        let said = [outputs.stdout.whole(), outputs.stderr.whole()].concat();
        match status.code() {
            Some(0) => Ok(said),
            _ => Err(format!("{status}: {}", String::from_utf8_lossy(&said)).into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that the process has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Returns the address in the log line `listening`.
fn address_in(log: &str) -> Option<SocketAddr> {
    let (whole, _) = log.rsplit_once('\n')?;
    let line = whole.lines().find(|line| line.contains("listening"))?;
    let start = line.find("127.0.0.1:")?;
    let address: String = line
        .get(start..)?
        .chars()
        .take_while(|it| it.is_ascii_digit() || matches!(it, '.' | ':'))
        .collect();
    address.parse().ok()
}

/// Sends a signal, such as `TERM`, to a process.
pub(crate) fn signal(process: u32, name: &str) -> Result {
    let kill = Command::new("kill").args([format!("-{name}"), process.to_string()]).status()?;
    match kill.success() {
        true => Ok(()),
        false => Err(format!("kill: {kill}").into()),
    }
}
