//! What the key may read: one cheap read of each kind.

use jiff::SignedDuration;
use portal_domain::stripe::List;
use portal_domain::{Fetched, Look, Read, Stripe, Turn, UnixSeconds, Unseen, Window};
use portal_http::Clock;

use super::finding::{Check, Finding};

/// As little as there can be to see.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// One read, and what came of it.
pub(super) struct Asked {
    /// What was read, as Stripe calls it.
    pub(super) what: &'static str,
    /// Where it was read.
    look: Look,
    pub(super) answer: Result<Fetched, Unseen>,
    /// Before it was asked, by this machine's clock.
    pub(super) before: UnixSeconds,
    /// When the answer was there, by this machine's clock.
    pub(super) after: UnixSeconds,
}

/// Endpoints, as [`Asked::what`].
pub(super) const ENDPOINTS: &str = "webhook endpoints";

/// Reads once of each kind; no more where Stripe as a whole is out of reach.
pub(super) async fn ask(stripe: &dyn Stripe, clock: &dyn Clock) -> Vec<Asked> {
    let until = clock.now();
    let window = Window { since: until.after(-WINDOW), until };
    let list = |list| Read::Objects { list, window, turn: Turn::First };
    let mut asked = Vec::new();
    for (what, read) in [
        ("events", Read::Events { types: &[], window, turn: Turn::First }),
        ("PaymentIntents", list(List::PaymentIntents)),
        ("invoices", list(List::Invoices)),
        ("InvoicePayments", list(List::InvoicePayments)),
        ("refunds", list(List::Refunds)),
        ("disputes", list(List::Disputes)),
        (ENDPOINTS, Read::Endpoints),
    ] {
        let before = clock.now();
        let answer = stripe.read(&read).await;
        let out_of_reach = answer.as_ref().err().is_some_and(|why| is_of_all(*why));
        asked.push(Asked { what, look: read.look(), answer, before, after: clock.now() });
        if out_of_reach {
            break;
        }
    }
    asked
}

/// Whether it would be the same with every other read.
fn is_of_all(why: Unseen) -> bool {
    match why {
        Unseen::WrongKey
        | Unseen::TooMany
        | Unseen::TimedOut
        | Unseen::Unreachable
        | Unseen::BudgetSpent
        | Unseen::NotCounted => true,
        Unseen::NotAllowed
        | Unseen::NotFound
        | Unseen::Refused { .. }
        | Unseen::Failing { .. }
        | Unseen::Unreadable => false,
    }
}

pub(super) fn judge(asked: &Asked) -> Finding {
    let Asked { what, look, answer, .. } = asked;
    let why = match answer {
        Ok(_) => return Finding::ok(Check::Rights, format_args!("the key may read {what}")),
        Err(why) => *why,
    };
    let unseen = format!("could not see {what}: {why}");
    match why {
        Unseen::WrongKey => Finding::wrong(
            Check::Rights,
            unseen,
            "make a new restricted key in Stripe's Dashboard (API keys), set it as STRIPE_SECRET_KEY, and restart the server",
        ),
        Unseen::NotAllowed => Finding::wrong(
            Check::Rights,
            unseen,
            format_args!(
                "give the key this permission in Stripe's Dashboard (API keys): {}: Read",
                look.permission()
            ),
        ),
        Unseen::TooMany | Unseen::Failing { .. } => Finding::warning(
            Check::Rights,
            unseen,
            "try again later; if it lasts, look at https://status.stripe.com",
        ),
        Unseen::TimedOut | Unseen::Unreachable => Finding::warning(
            Check::Rights,
            unseen,
            "see whether this machine reaches api.stripe.com: name, route, firewall",
        ),
        Unseen::NotFound | Unseen::Refused { .. } | Unseen::Unreadable => Finding::warning(
            Check::Rights,
            unseen,
            "if STRIPE_API_BASE is set, remove it; if it is not, report this as a bug",
        ),
        Unseen::BudgetSpent => Finding::warning(
            Check::Rights,
            unseen,
            "wait: some reads are free again each day; where the account may read more, raise READ_BUDGET",
        ),
        Unseen::NotCounted => {
            Finding::warning(Check::Rights, unseen, "first see to what `database` says above")
        }
    }
}

#[cfg(test)]
impl Asked {
    /// What was answered at once, long ago.
    pub(super) fn of(what: &'static str, answer: Result<Fetched, Unseen>) -> Self {
        let (before, after) = Default::default();
        Self { what, look: Look::Invoices, answer, before, after }
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::Unseen;

    use super::super::finding::Level;
    use super::{Asked, judge};

    fn asked(why: Unseen) -> Asked {
        Asked::of("InvoicePayments", Err(why))
    }

    #[test]
    fn a_missing_permission_is_named() {
        let found = judge(&asked(Unseen::NotAllowed));
        assert_eq!(found.level, Level::Wrong);
        assert_eq!(found.found, "could not see InvoicePayments: the key may not read it (403)");
        assert!(found.advice.unwrap().ends_with(": Invoices: Read"));
    }

    #[test]
    fn a_key_that_stripe_does_not_know_is_wrong() {
        assert_eq!(judge(&asked(Unseen::WrongKey)).level, Level::Wrong);
    }

    #[test]
    fn what_may_pass_is_a_warning() {
        for why in [Unseen::TooMany, Unseen::Unreachable, Unseen::BudgetSpent] {
            assert_eq!(judge(&asked(why)).level, Level::Warning);
        }
    }
}
