//! The explanation of a refused signature, for people who connect a sender.

use std::borrow::Cow;

use bytes::Bytes;

use crate::secret::Secrets;
use crate::signature::{SignatureRefusal, Tolerance, verify};
use crate::time::UnixSeconds;

/// A delivery whose signature was refused.
pub struct RefusedDelivery<'d> {
    /// The value of its `Stripe-Signature` header; of several the first.
    pub header: &'d [u8],
    /// The raw body. It is hashed once for each change that is tried, eight times at most.
    pub body: &'d Bytes,
    pub secrets: &'d Secrets,
    pub tolerance: Tolerance,
    /// The time of the refusal.
    pub now: UnixSeconds,
}

impl RefusedDelivery<'_> {
    /// Returns the likely cause and what to do about it. It holds nothing of the header or the body.
    #[must_use]
    pub fn hint(&self, refusal: SignatureRefusal) -> Cow<'static, str> {
        match refusal {
            SignatureRefusal::NoHeader => {
                "the request is not from Stripe, or a proxy removed the header".into()
            }
            SignatureRefusal::SelfTest => "`doctor` sent it, to see it refused".into(),
            SignatureRefusal::MalformedHeader if self.has_name() => {
                "the header's name is part of the value: give only what follows Stripe-Signature:".into()
            }
            SignatureRefusal::MalformedHeader => {
                "the header must be as Stripe sent it: t=UNIX,v1=64 hex digits, and must occur once"
                    .into()
            }
            SignatureRefusal::NoMatch => match self.change_of_body() {
                Some(what) => format!("{what}; pass the raw bytes on unchanged").into(),
                None => "the secret belongs to another endpoint, the other mode (test or live) or the Stripe CLI (stripe listen --print-secret), or was rolled; or the body was changed on its way".into(),
            },
            SignatureRefusal::TimestampOutsideTolerance { age_seconds } => format!(
                "the signature is valid and {} s {}; unless it is a replay, a clock is wrong (check NTP)",
                age_seconds.unsigned_abs(),
                if age_seconds < 0 { "ahead of now" } else { "old" },
            )
            .into(),
        }
    }

    /// Returns true if the header was copied together with its name.
    fn has_name(&self) -> bool {
        let name = b"stripe-signature";
        let begin = self.header.trim_ascii_start().get(..name.len());
        begin.is_some_and(|it| it.eq_ignore_ascii_case(name))
    }

    /// Tries the changes that proxies and frameworks commonly make to a body, and returns the one
    /// that explains the mismatch.
    fn change_of_body(&self) -> Option<&'static str> {
        let body: &[u8] = self.body;
        let without_newline = || body.strip_suffix(b"\n").map(<[u8]>::to_vec);
        let with_newline = || Some([body, b"\n"].concat());
        let without_bom = || body.strip_prefix(BOM).map(<[u8]>::to_vec);
        let with_bom = || Some([BOM, body].concat());
        let unix_lines =
            || Some(std::str::from_utf8(body).ok()?.replace("\r\n", "\n").into_bytes());
        let value = || serde_json::from_slice::<serde_json::Value>(body).ok();
        let compact = || serde_json::to_vec(&value()?).ok();
        let pretty = || serde_json::to_vec_pretty(&value()?).ok();
        let changes: [(&dyn Fn() -> Option<Vec<u8>>, _); 7] = [
            (&without_newline, "a newline was added at the end of the body"),
            (&with_newline, "the newline at the end of the body was removed"),
            (&without_bom, "a byte order mark was put before the body"),
            (&with_bom, "the byte order mark before the body was removed"),
            (&unix_lines, "the body's line ends were changed to CR LF"),
            (
                &compact,
                "the body was re-encoded: the signature fits the same JSON without white space",
            ),
            (&pretty, "the body was re-encoded: the signature fits the same JSON with white space"),
        ];
        let explains = |body: Vec<u8>| {
            let verified =
                verify([self.header], body.into(), self.secrets, self.tolerance, self.now);
            !matches!(verified, Err(SignatureRefusal::NoMatch))
        };
        changes
            .into_iter()
            .find_map(|(before, what)| before().is_some_and(explains).then_some(what))
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";
