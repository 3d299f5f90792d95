use jiff::civil::time;
use portal_domain::UnixSeconds;
use portal_outbound::{ChannelAddress, Language};

use super::{Config, Misconfigured, Why};

const SECRET: (&str, &str) = ("STRIPE_WEBHOOK_SECRET", "whsec_a,whsec_b");

fn read(variables: &[(&str, &str)]) -> Result<Config, Misconfigured> {
    Config::read(&|name| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
}

fn problem(variables: &[(&str, &str)]) -> String {
    read(variables).err().map(|it| it.to_string()).unwrap_or_default()
}

/// The problem with one variable beside a good secret.
fn problem_of(name: &str, value: &str) -> String {
    problem(&[SECRET, (name, value)])
}

#[test]
fn a_secret_alone_is_enough() {
    let config = read(&[SECRET]).ok().unwrap();
    assert_eq!(config.receiver.secrets.iter().count(), 2);
    assert_eq!(config.dead_events_max, 100);
    assert!(config.addresses.is_empty());
    assert!(config.stripe_config.is_none());
    assert_eq!(config.locale.language, Language::En);
    let schedule = config.digest.unwrap();
    assert_eq!(schedule.at, time(9, 0, 0, 0));
    assert!(schedule.zone.is_unknown() || schedule.zone.iana_name() == Some("UTC"));
}

#[test]
fn without_a_usable_secret_nothing_is_taken() {
    let why = "is not set; copy the signing secret (whsec_…) from the endpoint's page in Stripe's Dashboard";
    assert_eq!(problem(&[]), format!("STRIPE_WEBHOOK_SECRET {why}"));
    for blank in ["", "  ", "whsec_a,"] {
        let problem = problem(&[("STRIPE_WEBHOOK_SECRET", blank)]);
        assert!(problem.starts_with("STRIPE_WEBHOOK_SECRET: a signing secret is blank"), "{blank}");
    }
}

#[test]
fn a_worker_without_its_database_says_which_bindings_it_has() {
    let bindings = vec!["DATABASE".to_owned(), "STRIPE_WEBHOOK_SECRET".to_owned()];
    let without = Misconfigured { variable: "DATABASE_URL", why: Why::NotD1 { bindings } };
    assert_eq!(
        without.to_string(),
        "DATABASE_URL: it must be the binding of a D1 database in wrangler.toml; bound here: DATABASE, STRIPE_WEBHOOK_SECRET"
    );
}

#[test]
fn a_number_out_of_its_range_is_named_and_not_repeated() {
    for (name, value, due) in [
        ("SIGNATURE_TOLERANCE_SECONDS", "0", "1 to 3600"),
        ("SIGNATURE_TOLERANCE_SECONDS", "3601", "1 to 3600"),
        ("SIGNATURE_TOLERANCE_SECONDS", "", "1 to 3600"),
        ("DEAD_EVENTS_MAX", "-7", "0 to 999"),
        ("DEAD_EVENTS_MAX", "1000", "0 to 999"),
        ("ALERT_LANGUAGE", "fr", "en or ja"),
        ("LOG_FORMAT", "pretty", "json, or not set"),
        ("DIGEST_AT", "9:00", "a time of day such as 09:00, or off"),
        ("READ_BUDGET", "99", "a number of reads, 100 or more"),
    ] {
        assert_eq!(problem_of(name, value), format!("{name}: it must be {due}"), "{value}");
    }
}

#[test]
fn channels_are_named_in_their_order() {
    let config = read(&[
        SECRET,
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/X,http://localhost:1/x"),
        ("DISCORD_WEBHOOK_URL", ""),
        ("PAGERDUTY_ROUTING_KEY", "0123456789abcdef0123456789abcdef"),
    ]);
    let names: Vec<_> = config
        .ok()
        .unwrap()
        .addresses
        .iter()
        .map(ChannelAddress::name)
        .map(str::to_owned)
        .collect();
    assert_eq!(names, ["slack-1", "slack-2", "pagerduty-1"]);
}

#[test]
fn an_address_that_cannot_be_posted_to_is_not_repeated() {
    let problem = problem_of("SLACK_WEBHOOK_URL", "http://hooks.example/secret");
    assert!(problem.starts_with("SLACK_WEBHOOK_URL: an address does not begin with https://"));
    assert!(!problem.contains("secret"));
    assert!(problem_of("PAGERDUTY_EVENTS_URL", "x").starts_with("PAGERDUTY_EVENTS_URL: "));
}

#[test]
fn a_day_begins_by_the_clocks_of_its_zone() {
    let now = UnixSeconds::from_rfc3339("2026-11-22T00:30:00Z").unwrap();
    for (zone, due) in [
        ("UTC", "2026-11-20"),
        ("Asia/Tokyo", "2026-11-21"),
        ("+09:00", "2026-11-21"),
        ("+08:29", "2026-11-20"),
        ("-08:00", "2026-11-20"),
        ("-16:00", "2026-11-19"),
    ] {
        let digest = read(&[SECRET, ("TIME_ZONE", zone)]).ok().unwrap().digest.unwrap();
        assert_eq!(digest.due(now).unwrap().date.to_string(), due, "{zone}");
    }
}

#[test]
fn a_zone_whose_clocks_are_changed_is_not_known_here() {
    let due = "TIME_ZONE: it must be UTC, Asia/Tokyo or an offset such as +09:00: a Worker knows no others";
    for zone in ["Europe/Berlin", "utc", "+9", "+09", "09:00", "+24:00", ""] {
        assert_eq!(problem_of("TIME_ZONE", zone), due, "{zone}");
    }
}

#[test]
fn the_digest_can_be_switched_off() {
    assert_eq!(read(&[SECRET, ("DIGEST_AT", "off")]).ok().unwrap().digest, None);
}

#[test]
fn a_key_is_enough_to_ask_stripe() {
    let key = ("STRIPE_SECRET_KEY", "rk_live_abcdefgh");
    let asked = read(&[SECRET, key, ("WEBHOOK_URL", "")]).ok().unwrap().stripe_config.unwrap();
    assert_eq!((asked.key.masked().as_str(), asked.key.livemode()), ("rk_live_…efgh", true));
    assert_eq!((asked.webhook_url, asked.read_budget), (None, 8_000));
    let url = "https://donations.example.org/api/webhooks/stripe";
    let amended = [SECRET, key, ("WEBHOOK_URL", url), ("READ_BUDGET", "100")];
    let asked = read(&amended).ok().unwrap().stripe_config.unwrap();
    assert_eq!((asked.webhook_url.as_deref(), asked.read_budget), (Some(url), 100));
}

#[test]
fn a_key_that_is_set_to_nothing_is_not_set() {
    assert!(read(&[SECRET, ("STRIPE_SECRET_KEY", "")]).ok().unwrap().stripe_config.is_none());
}

#[test]
fn what_stripe_cannot_be_asked_with_is_named_and_not_repeated() {
    for (name, value) in [
        ("STRIPE_SECRET_KEY", "pk_live_canary"),
        ("STRIPE_SECRET_KEY", "sk_live_canary\n"),
        ("STRIPE_API_BASE", "http://canary.example"),
        ("STRIPE_API_BASE", ""),
        ("WEBHOOK_URL", "canary"),
    ] {
        let problem = problem_of(name, value);
        assert!(problem.starts_with(&format!("{name}: ")), "{problem}");
        assert!(!problem.contains("canary"), "{problem}");
    }
}
