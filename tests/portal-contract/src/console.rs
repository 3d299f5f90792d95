//! A conversation of operators with the console of a host: the forms that a browser sends, what a program
//! asks, and what comes back. It is the same on every host, beside the cases of [`crate::host`].

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there reads as null")]

mod acts;
mod looks;

use portal_testkit::clock;
use portal_testkit::events::{gift, signature_at};
use portal_testkit::http::{Answer, Client, WEBHOOK};

use crate::host::{Failure, on_its_own};

/// The tokens of the operators with whom the conversation is held, and the setting that has them.
pub const OPERATORS: &str = "treasurer:read:read-0123456789abcdef0123456789abcdef,\
                             ops:act:act-0123456789abcdef0123456789abcdef,\
                             prometheus:metrics:metrics-0123456789abcdef0123456789abcdef";

const READ_TOKEN: &str = "read-0123456789abcdef0123456789abcdef";
const ACT_TOKEN: &str = "act-0123456789abcdef0123456789abcdef";
const METRICS_TOKEN: &str = "metrics-0123456789abcdef0123456789abcdef";

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const OF_THE_CONSOLE: (&str, &str) = ("Sec-Fetch-Site", "same-origin");

/// A part of the conversation, which needs none of the others.
pub struct Part {
    /// The rule that it shows, as a sentence.
    pub name: &'static str,
    /// Holds it, and fails or panics where the console answers otherwise.
    pub hold: fn(&Desk) -> Result<(), Failure>,
}

/// The parts of the conversation.
pub const PARTS: [Part; 8] = [
    Part { name: "only operators see a page", hold: looks::only_operators_see_a_page },
    Part { name: "metrics are for their token", hold: looks::metrics_are_for_their_token },
    Part { name: "a donation is on its pages", hold: looks::a_donation_is_on_its_pages },
    Part { name: "a dead event is reprocessed", hold: acts::a_dead_event_is_reprocessed },
    Part { name: "one is acknowledged, one ignored", hold: acts::one_is_acknowledged_one_ignored },
    Part { name: "an alert is silenced", hold: acts::an_alert_is_silenced },
    Part { name: "of two who act at once one wins", hold: acts::of_two_who_act_at_once_one_wins },
    Part { name: "nobody else acts", hold: acts::nobody_else_acts },
];

/// Holds all parts, one after another, and reports each when it has ended; returns the names of those that
/// failed.
#[must_use]
pub fn hold_all(
    desk: &Desk,
    mut tell: impl FnMut(&Part, &Result<(), Failure>),
) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for part in &PARTS {
        let outcome = on_its_own(part.name, || (part.hold)(desk));
        tell(part, &outcome);
        if outcome.is_err() {
            failed.push(part.name);
        }
    }
    failed
}

/// Those who look at a console, with the host below it.
pub struct Desk {
    console: Box<dyn Client>,
    webhook: Box<dyn Client>,
    secret: String,
    /// The sessions of the one who may look and of the one who may act.
    reader: String,
    actor: String,
    run: String,
}

impl Desk {
    /// Signs both in. `webhook` is where the host takes deliveries that are signed with `secret`.
    ///
    /// # Errors
    /// If the console, which must have [`OPERATORS`], does not let them in.
    pub fn open(
        console: Box<dyn Client>,
        webhook: Box<dyn Client>,
        secret: &str,
    ) -> Result<Self, Failure> {
        let (secret, run) = (secret.to_owned(), clock::unique());
        let (reader, actor) = (String::new(), String::new());
        let mut desk = Self { console, webhook, secret, reader, actor, run };
        desk.reader = desk.sign_in(READ_TOKEN)?;
        desk.actor = desk.sign_in(ACT_TOKEN)?;
        Ok(desk)
    }

    fn sign_in(&self, token: &str) -> Result<String, Failure> {
        let sent = self.send(&[OF_THE_CONSOLE], "/ops/sign-in", &format!("token={token}"))?;
        assert_eq!(sent.status, 303, "signing in: {}", sent.body);
        let cookie = sent.header("set-cookie").and_then(|it| it.split(';').next());
        Ok(cookie.ok_or("no cookie")?.to_owned())
    }

    /// Returns a name that no event of another part or run has.
    fn name(&self, part: &str) -> String {
        format!("{}{part}", self.run)
    }

    /// Delivers a gift `evt_NAME` about `pi_NAME`.
    fn deliver_gift(&self, name: &str) -> Result<(), Failure> {
        self.deliver(&gift(name))
    }

    /// Delivers the same without its currency, so that it is dead.
    fn deliver_dead(&self, name: &str) -> Result<(), Failure> {
        let whole = gift(name);
        let dead = whole.replace(r#""currency":"jpy","#, "");
        assert_ne!(whole, dead, "it has a currency");
        self.deliver(&dead)
    }

    fn deliver(&self, body: &str) -> Result<(), Failure> {
        let signature = signature_at(clock::now(), &self.secret, body);
        let headers = [("Content-Type", "application/json"), ("Stripe-Signature", &signature)];
        let answer = self.webhook.send("POST", WEBHOOK, &headers, Some(body.as_bytes()))?;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Ok(())
    }

    /// Opens a page as the one who may act, in English.
    fn page(&self, path: &str) -> Result<String, Failure> {
        let answer = self.open_as(&self.actor, path)?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        Ok(answer.body)
    }

    fn open_as(&self, session: &str, path: &str) -> Result<Answer, Failure> {
        let headers = [("Cookie", session), ("Accept-Language", "en")];
        self.console.send("GET", path, &headers, None)
    }

    /// Sends a form as the one who may act, from a page of the console.
    fn act(&self, path: &str, form: &str) -> Result<Answer, Failure> {
        self.send(&[OF_THE_CONSOLE, ("Cookie", &self.actor), ("Accept-Language", "en")], path, form)
    }

    /// Sends a form, and returns the page that it leads to.
    fn act_and_follow(&self, path: &str, form: &str) -> Result<String, Failure> {
        let sent = self.act(path, form)?;
        assert_eq!(sent.status, 303, "{path} {form}: {}", sent.body);
        self.page(sent.header("location").ok_or("it leads nowhere")?)
    }

    fn send(&self, headers: &[(&str, &str)], path: &str, form: &str) -> Result<Answer, Failure> {
        let headers = [&[FORM], headers].concat();
        self.console.send("POST", path, &headers, Some(form.as_bytes()))
    }

    /// Asks the API as the one of this token.
    fn ask(&self, method: &str, path: &str, token: &str, form: &str) -> Result<Answer, Failure> {
        let bearer = format!("Bearer {token}");
        let headers = [FORM, ("Authorization", &*bearer)];
        let body = (method == "POST").then_some(form.as_bytes());
        self.console.send(method, &format!("/ops/api/v1/{path}"), &headers, body)
    }

    /// Returns the state of an event, as the API has it.
    fn state(&self, id: &str) -> Result<String, Failure> {
        let answer = self.ask("GET", &format!("events/{id}"), READ_TOKEN, "")?;
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
        Ok(answer.json()?["state"].as_str().ok_or("no state")?.to_owned())
    }
}

#[track_caller]
fn assert_says(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text:?} is not on the page: {page}");
    }
}
