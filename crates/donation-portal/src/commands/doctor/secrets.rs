//! The signing secrets: their number and their form.

use super::finding::{Check, CheckFinding};
use crate::config::{Signing, there};
use crate::output::counted;

/// The beginning of every signing secret, also of those of the Stripe CLI
/// (<https://docs.stripe.com/webhooks>).
const PREFIX: &str = "whsec_";

const ADVICE: &str = "copy the signing secret again from the endpoint's page in Stripe's Dashboard (Workbench → Webhooks)";

pub(super) fn judge(signing: &Signing) -> CheckFinding {
    let secrets = match signing.secrets() {
        Ok(secrets) => secrets.iter().count() as u64,
        Err(failure) => return CheckFinding::failed(Check::Secrets, &failure, ADVICE),
    };
    let all = there(signing.secret.as_ref()).unwrap_or_default().split(',');
    let others = all.filter(|it| !it.starts_with(PREFIX)).count() as u64;
    let secrets = counted(secrets, "signing secret");
    match others {
        0 => CheckFinding::ok(Check::Secrets, format_args!("{secrets} set")),
        _ => CheckFinding::warning(
            Check::Secrets,
            format_args!("{secrets} set, of which {others} without Stripe's prefix {PREFIX}"),
            ADVICE,
        ),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::Tolerance;

    use super::super::finding::Level;
    use super::judge;
    use crate::config::Signing;

    fn level(secret: Option<&str>) -> (Level, String) {
        let tolerance = Tolerance::from_seconds(300).unwrap();
        let found = judge(&Signing { secret: secret.map(str::to_owned), tolerance });
        assert!(!found.found.contains("4471"), "{}", found.found);
        (found.level, found.found)
    }

    #[test]
    fn secrets_are_counted_and_not_shown() {
        let (one, two) = ("1 signing secret set".to_owned(), "2 signing secrets set".to_owned());
        assert_eq!(level(Some("whsec_4471")), (Level::Ok, one));
        assert_eq!(level(Some("whsec_4471,whsec_4471b")), (Level::Ok, two));
    }

    #[test]
    fn an_unusable_secret_is_wrong() {
        for secret in [None, Some(""), Some("whsec_4471,"), Some("whsec_4471\n")] {
            assert_eq!(level(secret).0, Level::Wrong, "{secret:?}");
        }
    }

    #[test]
    fn a_secret_of_another_kind_than_stripe_gives_is_a_warning() {
        assert_eq!(level(Some("whsec_4471,sk_live_4471")).0, Level::Warning);
    }
}
