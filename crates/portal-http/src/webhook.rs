//! `POST /api/webhooks/stripe`: receives an event.
//!
//! A 200 promises that the event and its changes are on the disk. Each delivery leaves one log line.

mod unknown_words;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{self, Request};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::signature_hint::RefusedDelivery;
use portal_domain::{
    AnswerOutcome, Answered, DeadReason, Event, Observe, Receipt, Recorded, Refusal,
    SignatureRefusal, State, Unavailable,
};

use crate::answer::Answer;
use crate::{App, BODY_BYTES_MAX, BodyMemoryUsedUp};

pub(crate) async fn receive(
    extract::State(app): extract::State<Arc<App>>,
    request: Request,
) -> Answer {
    let started = app.clock.monotonic();
    let outcome = take_in(&app, request).await;
    outcome.tell(&*app.observer);
    let answer = outcome.answer();
    let elapsed = app.clock.monotonic().saturating_sub(started);
    app.observer.answered(&outcome.answered(elapsed));
    if outcome.is_logged(&*app.observer) {
        outcome.log(answer.status().as_u16(), elapsed);
    }
    answer
}

async fn take_in(app: &App, request: Request) -> DeliveryOutcome {
    let (head, body) = request.into_parts();
    let body = match read(&head.headers, body).await {
        Ok(body) => body,
        Err(unread) => return DeliveryOutcome::Unread(unread),
    };
    let signatures = head.headers.get_all("stripe-signature");
    let (values, now) = (signatures.iter().map(HeaderValue::as_bytes), app.clock.now());
    // Only for an explanation is the body kept while the store is waited for.
    let kept = app.explains_refusals.then(|| body.clone());
    match (app.receiver.receive(values, body, now, &*app.inbox).await, &kept) {
        (Ok(receipt), _) => DeliveryOutcome::Read(receipt),
        (Err(Refusal::Signature(refusal)), Some(body)) => {
            let delivery = RefusedDelivery {
                header: signatures.iter().next().map_or(&[], |it| it.as_bytes()),
                body,
                secrets: &app.receiver.secrets,
                tolerance: app.receiver.tolerance,
                now,
            };
            DeliveryOutcome::Refused(Refusal::Signature(refusal), Some(delivery.hint(refusal)))
        }
        (Err(refusal), _) => DeliveryOutcome::Refused(refusal, None),
    }
}

/// The outcome of a delivery.
enum DeliveryOutcome {
    Unread(Unread),
    /// With its explanation, where the log has one.
    Refused(Refusal, Option<Cow<'static, str>>),
    Read(Receipt),
}

/// The reason why a body was not read to its end.
#[derive(Clone, Copy)]
enum Unread {
    TooLarge,
    Interrupted,
    NoMemory,
}

impl Unread {
    fn name(self) -> &'static str {
        match self {
            Self::TooLarge => LogReason::PayloadTooLarge.name(),
            Self::Interrupted => LogReason::BodyInterrupted.name(),
            Self::NoMemory => LogReason::BodyMemory.name(),
        }
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(Unread::TooLarge);
    }
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(error) if memory_used_up(&*error) => Err(Unread::NoMemory),
        Err(_) => Err(Unread::Interrupted),
    }
}

/// axum wraps the error of the host's body.
fn memory_used_up(error: &(dyn Error + 'static)) -> bool {
    error.is::<BodyMemoryUsedUp>() || error.source().is_some_and(memory_used_up)
}

impl DeliveryOutcome {
    fn tell(&self, observer: &dyn Observe) {
        match self {
            Self::Refused(refusal, _) => observer.refused(*refusal),
            // A test of doctor is no delivery that anybody waits for.
            Self::Read(Receipt { entry, .. }) if is_doctors(entry.event()) => {}
            Self::Read(Receipt { recorded: Err(unavailable), .. }) => {
                observer.unavailable(unavailable);
            }
            Self::Read(Receipt { recorded: Ok(_), matched, .. }) => observer.accepted(*matched),
            Self::Unread(_) => {}
        }
    }

    /// Returns the reason why it was not recorded.
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal, _) => Some(refusal.name()),
            Self::Unread(unread) => Some(unread.name()),
            Self::Read(Receipt { recorded: Err(unavailable), .. }) => Some(unavailable.name()),
            Self::Read(Receipt { recorded: Ok(_), .. }) => None,
        }
    }

    /// Strangers shall not decide how many lines the log has.
    fn is_logged(&self, observer: &dyn Observe) -> bool {
        match (self, self.reason()) {
            (Self::Refused(Refusal::Signature(_), _) | Self::Unread(_), Some(reason)) => {
                observer.logs_rejection(reason)
            }
            _ => true,
        }
    }

    fn answered(&self, elapsed: Duration) -> Answered<'_> {
        let event = match self {
            Self::Read(Receipt { entry, .. }) => Some(entry.event()).filter(|it| !is_doctors(it)),
            Self::Refused(..) | Self::Unread(_) => None,
        };
        Answered { outcome: self.answered_as(), reason: self.reason(), event, elapsed }
    }

    fn answered_as(&self) -> AnswerOutcome {
        match self {
            Self::Read(Receipt { recorded: Ok(Recorded::Duplicate), .. }) => {
                AnswerOutcome::Duplicate
            }
            Self::Read(Receipt { recorded: Ok(_), .. }) => AnswerOutcome::Recorded,
            Self::Read(Receipt { recorded: Err(_), .. }) | Self::Unread(Unread::NoMemory) => {
                AnswerOutcome::Unavailable
            }
            Self::Refused(..) | Self::Unread(Unread::TooLarge | Unread::Interrupted) => {
                AnswerOutcome::Rejected
            }
        }
    }

    fn answer(&self) -> Answer {
        match self {
            Self::Unread(Unread::TooLarge) => Answer::PayloadTooLarge,
            Self::Unread(Unread::Interrupted) => {
                Answer::BadRequest("the body did not arrive whole, or not soon enough".into())
            }
            Self::Unread(Unread::NoMemory) => Answer::Unavailable(BodyMemoryUsedUp.to_string()),
            Self::Refused(refusal, _) => Answer::BadRequest(refusal.to_string()),
            Self::Read(Receipt { recorded: Ok(_), .. }) => Answer::Received,
            Self::Read(Receipt { recorded: Err(unavailable), .. }) => {
                Answer::Unavailable(format!("not durable now: {}", unavailable.name()))
            }
        }
    }

    fn log(&self, status: u16, elapsed: Duration) {
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::Read(Receipt { entry, recorded: Ok(recorded), .. }) => {
                log_event(entry.event(), recorded, status, elapsed_ms);
            }
            Self::Read(Receipt { entry, recorded: Err(unavailable), .. }) => {
                log_refused(entry.event(), unavailable, status, elapsed_ms);
            }
            Self::Refused(refusal, hint) => {
                log_rejected(*refusal, hint.as_deref(), status, elapsed_ms);
            }
            Self::Unread(unread @ (Unread::TooLarge | Unread::Interrupted)) => {
                tracing::warn!(
                    outcome = LogOutcome::Rejected.name(),
                    status,
                    elapsed_ms,
                    reason = unread.name(),
                    "the delivery was rejected"
                );
            }
            Self::Unread(Unread::NoMemory) => {
                tracing::error!(
                    outcome = LogOutcome::Unavailable.name(),
                    status,
                    elapsed_ms,
                    reason = Unread::NoMemory.name(),
                    "the delivery was not read; Stripe sends it again"
                );
            }
        }
    }
}

fn is_doctors(event: &Event) -> bool {
    event.event_type.as_str() == DOCTORS_TYPE
}

/// A dead event is an error, although its delivery is not: the ledger lacks its changes.
fn log_event(event: &Event, recorded: &Recorded, status: u16, elapsed_ms: u64) {
    macro_rules! line {
        ($level:ident, $message:literal, $($fields:tt)*) => {
            tracing::$level!(
                event_id = event.id.as_str(),
                event_type = event.event_type.as_str(),
                livemode = event.livemode,
                status,
                elapsed_ms,
                $($fields)*,
                $message
            )
        };
    }
    match recorded {
        Recorded::Duplicate => {
            line!(info, "the event was recorded already", outcome = LogOutcome::Duplicate.name());
        }
        Recorded::WithoutChanges(error) => {
            let dead = State::Dead(DeadReason::LedgerFailed);
            let (state, reason) = (dead.name(), dead.reason());
            line!(error, "the event was recorded without its changes", outcome = LogOutcome::Recorded.name(), state, reason, %error);
        }
        Recorded::New(now) => {
            unknown_words::log(event);
            let (state, reason) = (now.name(), now.reason());
            match now {
                State::Dead(_) => line!(
                    error,
                    "the event was recorded, and the ledger could not take it",
                    outcome = LogOutcome::Recorded.name(),
                    state,
                    reason
                ),
                State::Processed | State::AwaitingObject { .. } | State::Ignored(_) => {
                    line!(
                        info,
                        "the event was recorded",
                        outcome = LogOutcome::Recorded.name(),
                        state,
                        reason
                    );
                }
            }
        }
    }
}

fn log_refused(event: &Event, unavailable: &Unavailable, status: u16, elapsed_ms: u64) {
    tracing::error!(
        event_id = event.id.as_str(),
        event_type = event.event_type.as_str(),
        livemode = event.livemode,
        outcome = LogOutcome::Unavailable.name(),
        status,
        elapsed_ms,
        reason = unavailable.name(),
        error = %unavailable,
        "the event was not recorded; Stripe sends it again"
    );
}

fn log_rejected(refusal: Refusal, hint: Option<&str>, status: u16, elapsed_ms: u64) {
    let age_seconds = match refusal {
        Refusal::Signature(SignatureRefusal::TimestampOutsideTolerance { age_seconds }) => {
            Some(age_seconds)
        }
        Refusal::Signature(_) | Refusal::NotAnEvent(_) => None,
    };
    let reason = refusal.name();
    if refusal == Refusal::Signature(SignatureRefusal::SelfTest) {
        let outcome = LogOutcome::Rejected.name();
        tracing::info!(
            outcome,
            status,
            elapsed_ms,
            reason,
            "a test of doctor was rejected, as it should be"
        );
        return;
    }
    tracing::warn!(
        outcome = LogOutcome::Rejected.name(),
        status,
        elapsed_ms,
        reason,
        age_seconds,
        hint,
        "the delivery was rejected"
    );
}
