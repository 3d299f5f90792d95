//! Test deliveries through the public URL: signed the way Stripe does, and forged.

use std::io::ErrorKind;

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::signature::sign_self_test;
use portal_domain::{Secret, Secrets, Text, UnixSeconds, text};
use portal_service::doctor::{Check, CheckFinding};
use serde_json::{Value, json};

use crate::chance;
use crate::exit::Failure;
use crate::sender::{Sender, SenderResponse};

/// Delivers to `url` with each of the secrets and with a random one. The recorded event has a type
/// that Stripe does not use, and is ignored; the forged delivery proves whose it is, so that the server
/// does not count it as a stranger's.
pub(super) fn check(
    url: &str,
    secrets: &Secrets,
    now: UnixSeconds,
) -> Result<CheckFinding, Failure> {
    let sender = Sender::new(url);
    let event = event(now);
    for (place, secret) in secrets.iter().enumerate() {
        if let Some(trouble) = signed(place, outcome(sender.post(secret, now, &event))) {
            return Ok(trouble);
        }
    }
    let unknown = Secret::new(&format!("whsec_{}", chance::hex(16)?))
        .map_err(|error| Failure::could_not(forging(), &error))?;
    let no_secret = || text!("no secret", "シークレットがありません");
    let secret = secrets.iter().next().ok_or_else(|| Failure::could_not(forging(), no_secret()))?;
    let signature = sign_self_test(&unknown, secret, now, &event);
    Ok(forged(outcome(sender.post_signed(&signature, &event))))
}

/// Returns the finding if the URL or the secret is missing.
pub(super) fn not_tried(why: Text) -> CheckFinding {
    CheckFinding::not_checked(
        Check::Delivery,
        why,
        text!(
            "set STRIPE_WEBHOOK_SECRET as the server has it, and WEBHOOK_URL as the endpoint at Stripe has it",
            "STRIPE_WEBHOOK_SECRET をサーバーと、WEBHOOK_URL を Stripe のエンドポイントと同じ値に設定してください"
        ),
    )
}

fn forging() -> Text {
    text!("forge a signature", "偽の署名を作成できません")
}

fn event(now: UnixSeconds) -> Vec<u8> {
    let event = json!({
        "id": format!("evt_doctor_{}", now.get()),
        "object": "event",
        "type": DOCTORS_TYPE,
        "api_version": null,
        "created": now,
        "livemode": false,
        "data": { "object": {} },
    });
    event.to_string().into_bytes()
}

/// The result of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeliveryResult {
    Answered {
        status: u16,
        /// True if the body has the form of this service's answers.
        ours: bool,
    },
    TimedOut,
    /// No TLS, or an invalid certificate.
    Tls,
    /// Unknown host name, no connection, or no HTTP.
    Unreachable,
}

fn outcome(answer: Result<SenderResponse, ureq::Error>) -> DeliveryResult {
    match answer {
        Ok(SenderResponse { status, body }) => {
            DeliveryResult::Answered { status, ours: is_ours(&body) }
        }
        // The body is longer than any answer of this service.
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            DeliveryResult::Answered { status: 200, ours: false }
        }
        Err(ureq::Error::Timeout(_)) => DeliveryResult::TimedOut,
        Err(ureq::Error::Tls(_) | ureq::Error::Rustls(_)) => DeliveryResult::Tls,
        Err(ureq::Error::Io(error)) if error.kind() == ErrorKind::InvalidData => {
            DeliveryResult::Tls
        }
        Err(_) => DeliveryResult::Unreachable,
    }
}

fn is_ours(body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body.pointer("/received") == Some(&Value::Bool(true)) || body.pointer("/error/code").is_some()
}

/// Returns the finding for a delivery signed with the secret at index `place`, if its answer is
/// wrong.
fn signed(place: usize, outcome: DeliveryResult) -> Option<CheckFinding> {
    let secret = place.saturating_add(1);
    let wrong = |found, advice| Some(CheckFinding::wrong(Check::Delivery, found, advice));
    let (status, ours) = match outcome {
        DeliveryResult::Answered { status, ours } => (status, ours),
        DeliveryResult::TimedOut | DeliveryResult::Tls | DeliveryResult::Unreachable => {
            return Some(unanswered(outcome));
        }
    };
    match (status, ours) {
        (200, true) => None,
        (400, true) => wrong(
            text!(
                "the server rejects a delivery signed with signing secret {secret} (400)",
                "{secret} 番目の署名シークレットで署名した配信を、サーバーが拒否しました（400）"
            ),
            text!(
                "give the server the same STRIPE_WEBHOOK_SECRET as this command and restart it; its log has the reason",
                "サーバーにもこのコマンドと同じ STRIPE_WEBHOOK_SECRET を設定し、再起動してください。理由はサーバーのログにあります"
            ),
        ),
        (503, true) => wrong(
            text!(
                "the server cannot record events now (503)",
                "サーバーは現在、イベントを記録できません（503）"
            ),
            text!(
                "find the reason in the server's log or at /health/ready",
                "サーバーのログか /health/ready で理由を確認してください"
            ),
        ),
        _ => wrong(
            text!(
                "a signed delivery through WEBHOOK_URL was answered with status {status}",
                "WEBHOOK_URL への署名付きの配信に対する応答は {status} でした"
            ),
            advice_on(status),
        ),
    }
}

/// Returns the advice for a status that this service does not answer.
fn advice_on(status: u16) -> Text {
    match status {
        200..=299 => text!(
            "another program answers: point WEBHOOK_URL and the proxy to this server",
            "別のプログラムが応答しています。WEBHOOK_URL とプロキシの転送先を、このサーバーにしてください"
        ),
        300..=399 => text!(
            "Stripe does not follow redirects: use the target URL in WEBHOOK_URL and in the endpoint at Stripe",
            "Stripe はリダイレクトに従いません。WEBHOOK_URL と Stripe のエンドポイントを、リダイレクト先の URL にしてください"
        ),
        401 | 403 | 429 => text!(
            "a firewall, a login or a bot protection blocks the request: allow POST /api/webhooks/stripe there",
            "ファイアウォール、ログイン、ボット対策のいずれかに遮られています。POST /api/webhooks/stripe を許可してください"
        ),
        404 | 405 => text!(
            "use the path /api/webhooks/stripe, and check whether the proxy leads to another program",
            "パスを /api/webhooks/stripe にし、プロキシの転送先が別のプログラムになっていないかを確認してください"
        ),
        413 => text!(
            "allow bodies of 1 MiB at the proxy",
            "プロキシで 1 MiB までの本文を許可してください"
        ),
        500..=599 => text!(
            "the proxy or tunnel does not reach the server: check whether the server runs and where the proxy leads to",
            "プロキシかトンネルからサーバーに届いていません。サーバーが起動しているか、プロキシの転送先が正しいかを確認してください"
        ),
        _ => text!(
            "this server does not give such an answer: check what is in front of it and where the proxy leads to",
            "このサーバーの応答ではありません。前段に何があるか、プロキシの転送先が正しいかを確認してください"
        ),
    }
}

/// Returns the finding for a delivery without an answer.
fn unanswered(outcome: DeliveryResult) -> CheckFinding {
    let (found, advice) = match outcome {
        DeliveryResult::TimedOut => (
            text!(
                "a delivery through WEBHOOK_URL timed out",
                "WEBHOOK_URL への配信に、時間内に応答がありませんでした"
            ),
            text!(
                "check whether the server runs, where the proxy leads to, and whether a firewall drops packets",
                "サーバーが起動しているか、プロキシの転送先が正しいか、ファイアウォールがパケットを破棄していないかを確認してください"
            ),
        ),
        DeliveryResult::Tls => (
            text!(
                "no valid TLS connection to WEBHOOK_URL",
                "WEBHOOK_URL に正しい TLS で接続できません"
            ),
            text!(
                "renew the certificate, and have the proxy send the whole chain; Stripe takes TLS 1.2 and 1.3 with certificates of public authorities",
                "証明書を更新し、プロキシが中間証明書も送るようにしてください。Stripe が接続できるのは、公的な認証局の証明書による TLS 1.2 と 1.3 です"
            ),
        ),
        DeliveryResult::Unreachable | DeliveryResult::Answered { .. } => (
            text!("no connection to WEBHOOK_URL", "WEBHOOK_URL に接続できません"),
            text!(
                "check its name (DNS) and whether the proxy or tunnel runs; if only this machine cannot reach its own public URL, try another machine",
                "名前（DNS）と、プロキシかトンネルが動いているかを確認してください。このマシンからだけ自分の公開 URL に接続できない場合は、別のマシンで試してください"
            ),
        ),
    };
    CheckFinding::wrong(Check::Delivery, found, advice)
}

fn forged(outcome: DeliveryResult) -> CheckFinding {
    match outcome {
        DeliveryResult::Answered { status: 400, ours: true } => CheckFinding::ok(
            Check::Delivery,
            text!(
                "through WEBHOOK_URL, a signed delivery is accepted (200) and a forged one rejected (400)",
                "WEBHOOK_URL への署名付きの配信は受け付けられ（200）、偽の配信は拒否されました（400）"
            ),
        ),
        DeliveryResult::Answered { status: status @ 200..=299, .. } => CheckFinding::wrong(
            Check::Delivery,
            text!(
                "a forged delivery through WEBHOOK_URL was accepted ({status})",
                "WEBHOOK_URL への偽の配信が受け付けられました（{status}）"
            ),
            advice_on(status),
        ),
        DeliveryResult::Answered { status, .. } => CheckFinding::wrong(
            Check::Delivery,
            text!(
                "a forged delivery through WEBHOOK_URL was answered with status {status} instead of 400",
                "WEBHOOK_URL への偽の配信に対する応答は、400 ではなく {status} でした"
            ),
            advice_on(status),
        ),
        DeliveryResult::TimedOut | DeliveryResult::Tls | DeliveryResult::Unreachable => {
            unanswered(outcome)
        }
    }
}

#[cfg(test)]
mod tests;
