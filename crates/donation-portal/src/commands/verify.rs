//! `donation-portal verify`: verifies a signature as the server does, and explains the result.

mod catch;

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::StatusCode;
use portal_domain::Clock as _;
use portal_domain::signature_hint::RefusedDelivery;
use portal_domain::{
    Event, NotAnEvent, Secrets, SignatureRefusal, Tolerance, UnixSeconds, text, verify,
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
    after_help = "Examples:\n  donation-portal verify --header 't=1790000000,v1=…' --body body.json --secret whsec_…\n  donation-portal verify --listen 127.0.0.1:8789 --secret whsec_…"
)]
pub(crate) struct Args {
    /// Value of the Stripe-Signature header; omit it if the request had none
    #[arg(long, allow_hyphen_values = true, conflicts_with = "listen")]
    header: Option<String>,

    /// File with the raw body, byte for byte as it was received; - reads standard input
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "listen",
        conflicts_with = "listen"
    )]
    body: Option<PathBuf>,

    /// Take header and body from one POST to this address
    ///
    /// Wait for it for 10 minutes, whatever its path. It is answered 400 if the server would reject
    /// it, and else 503, because nothing is recorded: Stripe sends it again.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: Option<SocketAddr>,

    #[command(flatten)]
    signing: Given<Signing>,

    /// Time to verify at, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX", value_parser = moment, conflicts_with = "listen")]
    now: Option<UnixSeconds>,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// The beginnings of Stripe's API keys.
const KEY_PREFIXES: [&str; 3] = ["sk_", "rk_", "pk_"];

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let judge = Judge::new(&args.signing)?;
    let request = match (args.listen, &args.body) {
        (Some(address), _) => catch::one_request(address, |request| judge.answer(request))?,
        (None, body) => SignedRequest {
            signatures: args.header.iter().map(|it| it.clone().into()).collect(),
            body: read(body.as_deref().unwrap_or_else(|| Path::new("-")))?,
            at: args.now.unwrap_or_else(|| SystemClock::new().now()),
        },
    };
    let verdict = judge.verdict(&request);
    match args.format {
        OneFormat::Json => output::print(verdict.json(&judge, &request))?,
        OneFormat::Text => output::print(verdict.text(&judge, &request))?,
    }
    Ok(match verdict {
        SignatureVerdict::Accept { .. } => Exit::Done,
        SignatureVerdict::Reject(_) => Exit::FoundWrong,
    })
}

/// A request as it was received at `at`.
struct SignedRequest {
    /// The values of its `Stripe-Signature` headers.
    signatures: Vec<Bytes>,
    body: Bytes,
    at: UnixSeconds,
}

/// The settings that a signature is judged by.
struct Judge {
    secrets: Secrets,
    /// The error with which the server refuses the secrets, if it does.
    unusable: Option<SettingError>,
    has_api_key: bool,
    tolerance: Tolerance,
}

/// The verdict on the signature. A body that is no event does not change it.
enum SignatureVerdict {
    Accept { unreadable: Option<NotAnEvent> },
    Reject(SignatureRefusal),
}

impl Judge {
    fn new(signing: &Given<Signing>) -> Result<Self, Failure> {
        let list = signing.text(STRIPE_WEBHOOK_SECRET.name)?;
        let list = list.ok_or_else(|| STRIPE_WEBHOOK_SECRET.refuse(InvalidValue::not_set()))?;
        let is_key = |it: &str| KEY_PREFIXES.iter().any(|prefix| it.trim().starts_with(prefix));
        Ok(Self {
            secrets: Secrets::new(&list).map_err(|why| STRIPE_WEBHOOK_SECRET.refuse(why))?,
            unusable: signing.secrets().err(),
            has_api_key: list.split(',').any(is_key),
            tolerance: signing.tolerance()?,
        })
    }

    fn verdict(&self, request: &SignedRequest) -> SignatureVerdict {
        let headers = request.signatures.iter().map(|it| &**it);
        match verify(headers, request.body.clone(), &self.secrets, self.tolerance, request.at) {
            Ok(verified) => {
                SignatureVerdict::Accept { unreadable: Event::read(&verified, request.at).err() }
            }
            Err(refusal) => SignatureVerdict::Reject(refusal),
        }
    }

    /// Returns the answer to a request that is verified, but not recorded.
    fn answer(&self, request: &SignedRequest) -> (StatusCode, String) {
        let verdict = self.verdict(request);
        let status = match verdict {
            SignatureVerdict::Accept { unreadable: None } => StatusCode::SERVICE_UNAVAILABLE,
            SignatureVerdict::Accept { unreadable: Some(_) } | SignatureVerdict::Reject(_) => {
                StatusCode::BAD_REQUEST
            }
        };
        (status, verdict.text(self, request))
    }
}

impl SignatureVerdict {
    fn json(&self, judge: &Judge, request: &SignedRequest) -> serde_json::Value {
        let (verdict, reason, body) = match self {
            Self::Accept { unreadable } => ("accept", None, unreadable.map(NotAnEvent::name)),
            Self::Reject(refusal) => ("reject", Some(refusal.name()), None),
        };
        let hint = self.hint(judge, request);
        json!({ "verdict": verdict, "reason": reason, "body": body, "hint": hint })
    }

    fn text(&self, judge: &Judge, request: &SignedRequest) -> String {
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
        match self.hint(judge, request) {
            None => said,
            Some(hint) => format!("{said}\nhint: {hint}"),
        }
    }

    fn hint(&self, judge: &Judge, request: &SignedRequest) -> Option<String> {
        let key = judge.has_api_key.then(|| {
            "an API key is given where the signing secret (whsec_…) belongs: copy that from the endpoint's page in Workbench".to_owned()
        });
        let unusable = judge.unusable.as_ref();
        let unusable =
            unusable.map(|error| format!("the server does not start with this: {error}"));
        let own = match self {
            Self::Accept { unreadable } => unreadable.map(|it| it.to_string()),
            Self::Reject(refusal) => {
                let delivery = RefusedDelivery {
                    header: request.signatures.first().map_or(&[], |it| it),
                    body: &request.body,
                    secrets: &judge.secrets,
                    tolerance: judge.tolerance,
                    now: request.at,
                };
                Some(delivery.hint(*refusal).into_owned())
            }
        };
        let hints: Vec<_> = [own, unusable, key].into_iter().flatten().collect();
        (!hints.is_empty()).then(|| hints.join("; "))
    }
}

fn read(path: &Path) -> Result<Bytes, Failure> {
    let failed = |error: std::io::Error| {
        let path = path.display();
        let why = text!("could not read {path}: {error}", "{path} を読み取れません: {error}");
        Failure::misuse("--body", why)
    };
    let limit = BODY_BYTES_MAX as u64 + 1;
    let mut body = Vec::new();
    match path.to_str() {
        Some("-") => std::io::stdin().lock().take(limit).read_to_end(&mut body),
        _ => std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut body),
    }
    .map_err(failed)?;
    if body.len() > BODY_BYTES_MAX {
        let why = text!(
            "it is larger than 1 MiB, which the server answers with 413",
            "1 MiB を超えています（サーバーは 413 を返します）"
        );
        return Err(Failure::misuse("--body", why));
    }
    Ok(body.into())
}

fn moment(seconds: &str) -> Result<UnixSeconds, &'static str> {
    seconds.parse().ok().and_then(UnixSeconds::new).ok_or("give Unix seconds, such as 1790000000")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "give an address and a port, such as 127.0.0.1:8789")
}
