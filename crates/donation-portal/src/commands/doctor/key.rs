//! The key for Stripe's API: set, its mode, and how much it may do.

use portal_outbound::ApiKey;

use super::finding::{Check, CheckFinding};
use crate::config::{Client, StripeConfig};
use crate::exit::Failure;

/// The way to Stripe, where there is one, and what is to be said of its key.
pub(super) fn check(config: &StripeConfig) -> (Option<Client>, CheckFinding) {
    let key = match config.key() {
        Ok(key) => key,
        Err(failure) => return (None, refused(&failure)),
    };
    match config.client() {
        Ok(client) => (client, judge(key.as_ref())),
        Err(failure) => (None, refused(&failure)),
    }
}

fn refused(failure: &Failure) -> CheckFinding {
    CheckFinding::failed(Check::Key, failure, "correct it, or leave it out")
}

fn judge(key: Option<&ApiKey>) -> CheckFinding {
    let Some(key) = key else {
        return CheckFinding::warning(
            Check::Key,
            "no key is set: nobody asks Stripe whether something is missing, thin events wait, and provisional donations stay so",
            "make a restricted key in Stripe's Dashboard (API keys) that may read Events, PaymentIntents, Charges and Refunds, Invoices, and Webhook Endpoints; set it as STRIPE_SECRET_KEY",
        );
    };
    let mode = if key.livemode() { "live mode" } else { "test mode" };
    let masked = key.masked();
    if key.is_restricted() {
        return CheckFinding::ok(Check::Key, format_args!("{masked}, a restricted key for {mode}"));
    }
    CheckFinding::warning(
        Check::Key,
        format_args!("{masked}, a key for {mode} that may do everything"),
        "make a restricted key in Stripe's Dashboard (API keys) that may only read, and set it as STRIPE_SECRET_KEY instead",
    )
}

#[cfg(test)]
mod tests {
    use portal_outbound::ApiKey;

    use super::super::finding::Level;
    use super::judge;

    fn judged(key: &str) -> (Level, String) {
        let found = judge(ApiKey::parse(key).ok().as_ref());
        assert!(!found.found.contains(key));
        (found.level, found.found)
    }

    #[test]
    fn a_restricted_key_is_as_it_should_be() {
        let (level, found) = judged("rk_live_0123456789");
        assert_eq!((level, &*found), (Level::Ok, "rk_live_…6789, a restricted key for live mode"));
        assert!(judged("rk_test_0123456789").1.ends_with("test mode"));
    }

    #[test]
    fn a_key_that_may_do_everything_is_a_warning() {
        assert_eq!(judged("sk_live_0123456789").0, Level::Warning);
    }

    #[test]
    fn without_a_key_it_is_said_what_is_not_done() {
        let found = judge(None);
        assert_eq!(found.level, Level::Warning);
        assert!(found.found.contains("thin events wait"));
    }
}
