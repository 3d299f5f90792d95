//! `donation-portal verify`: verifies a signature as the server does, and explains the result.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use portal_domain::Clock as _;
use portal_domain::{
    Event, NotAnEvent, Secrets, SignatureRefusal, Tolerance, UnixSeconds, Verified, verify,
};
use portal_http::BODY_BYTES_MAX;
use portal_service::settings::{InvalidValue, STRIPE_WEBHOOK_SECRET, SettingError, Settings as _};
use serde_json::json;

use crate::clock::SystemClock;
use crate::config::{Given, Signing};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `verify`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal verify --header 't=1790000000,v1=…' --body body.json --secret whsec_…"
)]
pub(crate) struct Args {
    /// Value of the Stripe-Signature header; omit it if the request had none
    #[arg(long, allow_hyphen_values = true)]
    header: Option<String>,

    /// File with the raw body, byte for byte as it was received; - reads standard input
    #[arg(long, value_name = "FILE")]
    body: PathBuf,

    #[command(flatten)]
    signing: Given<Signing>,

    /// Time to verify at, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX", value_parser = moment)]
    now: Option<UnixSeconds>,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let list = args.signing.text(STRIPE_WEBHOOK_SECRET.name)?;
    let list =
        list.ok_or_else(|| STRIPE_WEBHOOK_SECRET.refuse(InvalidValue::new("it is not set")))?;
    let delivery = GivenDelivery {
        header: args.header.as_deref(),
        body: read(&args.body)?,
        secrets: Secrets::new(&list).map_err(|why| STRIPE_WEBHOOK_SECRET.refuse(why))?,
        unusable: args.signing.secrets().err(),
        tolerance: args.signing.tolerance()?,
        now: args.now.unwrap_or_else(|| SystemClock::new().now()),
    };
    let verdict = delivery.verdict();
    match args.format {
        OneFormat::Json => output::print(verdict.json(&delivery))?,
        OneFormat::Text => output::print(verdict.text(&delivery))?,
    }
    Ok(match verdict {
        SignatureVerdict::Accept { .. } => Exit::Done,
        SignatureVerdict::Reject(_) => Exit::FoundWrong,
    })
}

struct GivenDelivery<'a> {
    header: Option<&'a str>,
    body: Bytes,
    secrets: Secrets,
    /// The error with which the server refuses the secrets, if it does.
    unusable: Option<SettingError>,
    tolerance: Tolerance,
    now: UnixSeconds,
}

/// The verdict on the signature. A body that is no event does not change it.
enum SignatureVerdict {
    Accept { unreadable: Option<NotAnEvent> },
    Reject(SignatureRefusal),
}

impl GivenDelivery<'_> {
    fn verify(&self, body: Bytes) -> Result<Verified, SignatureRefusal> {
        verify(self.header.map(str::as_bytes), body, &self.secrets, self.tolerance, self.now)
    }

    fn verdict(&self) -> SignatureVerdict {
        match self.verify(self.body.clone()) {
            Ok(verified) => {
                SignatureVerdict::Accept { unreadable: Event::read(&verified, self.now).err() }
            }
            Err(refusal) => SignatureVerdict::Reject(refusal),
        }
    }

    /// Tries the changes that proxies and frameworks commonly make to a body, and returns the one
    /// that explains the mismatch.
    fn what_changed_the_body(&self) -> Option<&'static str> {
        let body: &[u8] = &self.body;
        let fits =
            |body: Vec<u8>| !matches!(self.verify(body.into()), Err(SignatureRefusal::NoMatch));
        let without_newline = body.strip_suffix(b"\n").map(<[u8]>::to_vec);
        let without_bom = body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec);
        let with_newline = [body, b"\n"].concat();
        let with_bom = [b"\xef\xbb\xbf", body].concat();
        let unix_lines =
            String::from_utf8(body.to_vec()).ok().map(|it| it.replace("\r\n", "\n").into_bytes());
        let value = serde_json::from_slice::<serde_json::Value>(body).ok();
        let compact = value.as_ref().and_then(|it| serde_json::to_vec(it).ok());
        let pretty = value.as_ref().and_then(|it| serde_json::to_vec_pretty(it).ok());
        [
            (without_newline, "a newline was added at the end of the body"),
            (Some(with_newline), "the newline at the end of the body was removed"),
            (without_bom, "a byte order mark was put before the body"),
            (Some(with_bom), "the byte order mark before the body was removed"),
            (unix_lines, "the body's line ends were changed to CR LF"),
            (
                compact,
                "the body was re-encoded: the signature fits the same JSON without white space",
            ),
            (pretty, "the body was re-encoded: the signature fits the same JSON with white space"),
        ]
        .into_iter()
        .find_map(|(body, what)| body.is_some_and(&fits).then_some(what))
    }
}

impl SignatureVerdict {
    fn json(&self, delivery: &GivenDelivery<'_>) -> serde_json::Value {
        let (verdict, reason, body) = match self {
            Self::Accept { unreadable } => ("accept", None, unreadable.map(NotAnEvent::name)),
            Self::Reject(refusal) => ("reject", Some(refusal.name()), None),
        };
        json!({ "verdict": verdict, "reason": reason, "body": body, "hint": self.hint(delivery) })
    }

    fn text(&self, delivery: &GivenDelivery<'_>) -> String {
        let said = match self {
            Self::Accept { unreadable: None } => {
                "accept: the server records the event and answers 200".to_owned()
            }
            Self::Accept { unreadable: Some(_) } => {
                "accept: the signature is valid, but the server answers 400".to_owned()
            }
            Self::Reject(refusal) => {
                format!("reject ({}): {refusal}; the server answers 400", refusal.name())
            }
        };
        match self.hint(delivery) {
            None => said,
            Some(hint) => format!("{said}\nhint: {hint}"),
        }
    }

    fn hint(&self, delivery: &GivenDelivery<'_>) -> Option<String> {
        let unusable = delivery.unusable.as_ref();
        let unusable =
            unusable.map(|error| format!("the server does not start with this: {error}"));
        let hints: Vec<_> = [self.own_hint(delivery), unusable].into_iter().flatten().collect();
        (!hints.is_empty()).then(|| hints.join("; "))
    }

    fn own_hint(&self, delivery: &GivenDelivery<'_>) -> Option<String> {
        match self {
            Self::Accept { unreadable } => unreadable.map(|it| it.to_string()),
            Self::Reject(SignatureRefusal::NoHeader) => Some(
                "the request is not from Stripe, or a proxy removed the header".to_owned(),
            ),
            Self::Reject(SignatureRefusal::MalformedHeader) => Some(
                "the header must be as Stripe sent it: t=UNIX,v1=64 hex digits, and must occur once".to_owned(),
            ),
            Self::Reject(SignatureRefusal::NoMatch) => Some(match delivery.what_changed_the_body() {
                Some(what) => format!("{what}; pass the raw bytes on unchanged"),
                None => "the secret belongs to another endpoint, the other mode (test or live) or the Stripe CLI (stripe listen --print-secret), or was rolled; or the body was changed on its way".to_owned(),
            }),
            Self::Reject(SignatureRefusal::SelfTest) => {
                Some("it is a test of `donation-portal doctor`, which must be refused".to_owned())
            }
            Self::Reject(SignatureRefusal::TimestampOutsideTolerance { age_seconds }) => Some(format!(
                "the signature is valid and {} s {}; unless it is a replay, a clock is wrong (check NTP)",
                age_seconds.unsigned_abs(),
                if *age_seconds < 0 { "ahead of now" } else { "old" },
            )),
        }
    }
}

fn read(path: &Path) -> Result<Bytes, Failure> {
    let failed = |error: std::io::Error| {
        Failure::misuse("--body", format_args!("could not read {}: {error}", path.display()))
    };
    let limit = BODY_BYTES_MAX as u64 + 1;
    let mut body = Vec::new();
    match path.to_str() {
        Some("-") => std::io::stdin().lock().take(limit).read_to_end(&mut body),
        _ => std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut body),
    }
    .map_err(failed)?;
    if body.len() > BODY_BYTES_MAX {
        return Err(Failure::misuse(
            "--body",
            "it is larger than 1 MiB, which the server answers with 413",
        ));
    }
    Ok(body.into())
}

fn moment(seconds: &str) -> Result<UnixSeconds, &'static str> {
    seconds.parse().ok().and_then(UnixSeconds::new).ok_or("give Unix seconds, such as 1790000000")
}
