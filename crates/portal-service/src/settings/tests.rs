use std::collections::BTreeSet;

use jiff::civil::time;
use jiff::tz::{TimeZone, offset};
use portal_domain::Secrets;
use portal_domain::monitor::DEAD_EVENTS_MAX;
use portal_domain::read_budget::BUDGET;
use portal_domain::text;
use portal_outbound::{ChannelAddress, Language};

use super::{InvalidValue, SETTINGS, ServiceConfig, SettingError, Settings};

/// A host that knows one time zone.
struct Given<'a>(&'a [(&'a str, &'a str)]);

impl Settings for Given<'_> {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        Ok(self.0.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue> {
        match name {
            "UTC" => Ok(TimeZone::UTC),
            "Asia/Tokyo" => Ok(TimeZone::fixed(offset(9))),
            _ => Err(InvalidValue::new(text!(
                "it must be UTC or Asia/Tokyo",
                "UTC または Asia/Tokyo にしてください"
            ))),
        }
    }
}

fn read(given: &[(&str, &str)]) -> Result<ServiceConfig, SettingError> {
    ServiceConfig::read(&Given(given), Secrets::new("whsec_12345678").unwrap())
}

/// Returns the error for one setting, or an empty text where there is none.
fn problem(name: &str, value: &str) -> String {
    read(&[(name, value)]).err().map(|it| it.to_string()).unwrap_or_default()
}

#[test]
fn what_is_not_set_or_set_to_nothing_has_its_default() {
    let empty: Vec<_> = SETTINGS.iter().map(|it| (it.setting.name, "")).collect();
    for given in [&[][..], &empty] {
        let config = read(given).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.receiver.tolerance.seconds(), 300);
        assert_eq!(config.dead_events_max, DEAD_EVENTS_MAX);
        assert!(config.addresses.is_empty());
        assert!(config.stripe.is_none());
        assert_eq!(config.context.locale.language, Language::En);
        let schedule = config.digest.unwrap();
        assert_eq!((schedule.at, schedule.zone), (time(9, 0, 0, 0), TimeZone::UTC));
    }
}

#[test]
fn without_a_usable_secret_nothing_is_taken() {
    let secrets =
        |text| Given(&[("STRIPE_WEBHOOK_SECRET", text)]).secrets().map(|it| it.iter().count());
    assert_eq!(secrets("whsec_12345678,whsec_abcdefgh"), Ok(2));
    for (text, due) in [
        (
            "",
            "it is not set; copy the signing secret from the endpoint's page in Stripe's Dashboard",
        ),
        ("  ", "it is blank, but for white space; remove it"),
        (
            "whsec_12345678,",
            "a signing secret is blank; copy it from the endpoint's page in Stripe's Dashboard (whsec_…)",
        ),
        (
            "sk_live_51abcdefgh",
            "a signing secret is not whsec_ and at least 8 letters, digits or _ + / = -; copy it whole from the endpoint's page in Stripe's Dashboard; separate several by commas only",
        ),
    ] {
        let error = secrets(text).unwrap_err().to_string();
        assert_eq!(error, format!("STRIPE_WEBHOOK_SECRET: {due}; for example whsec_…"), "{text}");
    }
}

#[test]
fn a_text_that_a_shell_or_a_file_has_spoilt_is_no_value_of_any_setting() {
    for (text, due) in [
        (" canary", "white space"),
        ("canary\n", "white space"),
        ("canary\r", "white space"),
        ("canary\u{3000}", "white space"),
        ("can\u{200b}ary", "cannot be seen"),
        ("can\0ary", "cannot be seen"),
        ("\"canary\"", "in quotes"),
        ("'canary'", "in quotes"),
        ("$CANARY", "not expanded"),
        ("canary_${SECRET}", "not expanded"),
        ("canary_…", "cut short"),
    ] {
        for it in SETTINGS {
            let given = [(it.setting.name, text)];
            let read = Given(&given).optional(it.setting, |_| Ok::<_, InvalidValue>(()));
            let error = read.unwrap_err().to_string();
            assert!(error.starts_with(&format!("{}: it ", it.setting.name)), "{error}");
            assert!(error.contains(due), "{error}");
            assert!(error.ends_with(&format!("; for example {}", it.setting.example)), "{error}");
            assert!(!error.to_lowercase().contains("canary"), "{error}");
        }
    }
}

#[test]
fn a_value_out_of_its_range_is_named_and_not_repeated() {
    for (name, value, due) in [
        ("SIGNATURE_TOLERANCE_SECONDS", "0", "1 to 3600"),
        ("SIGNATURE_TOLERANCE_SECONDS", "3601", "1 to 3600"),
        ("DEAD_EVENTS_MAX", "-7", "0 to 999"),
        ("DEAD_EVENTS_MAX", "1000", "0 to 999"),
        ("ALERT_LANGUAGE", "fr", "en or ja"),
        ("DIGEST_AT", "9:00", "a time of day, or off"),
        ("READ_BUDGET", "99", "a number of reads, 100 or more"),
        ("TIME_ZONE", "JST", "UTC or Asia/Tokyo"),
        ("STRIPE_API_BASE", "https://api.stripe.com/v1", "a URL without path, ? and #"),
        ("STRIPE_API_BASE", "https://api.stripe.com?x=1", "a URL without path, ? and #"),
        ("STRIPE_API_BASE", "https://api.stripe.com/#", "a URL without path, ? and #"),
    ] {
        let error = problem(name, value);
        assert!(error.starts_with(&format!("{name}: it must be {due}; for example ")), "{error}");
    }
}

#[test]
fn a_wrong_setting_is_left_out_and_the_others_are_read() {
    let usable = |given: &[(&str, &str)]| {
        let secrets = Secrets::new("whsec_12345678").unwrap();
        ServiceConfig::read_usable(&Given(given), &secrets).ok().unwrap()
    };
    let slack = ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/X");
    let wrong = SETTINGS.iter().map(|it| (it.setting.name, "\"canary\"")).collect::<Vec<_>>();
    for (given, due, channels) in [
        (&[slack][..], &[][..], 1),
        (&[slack, ("TIME_ZONE", "Europe/Berlin")], &["TIME_ZONE"], 1),
        (&[("SLACK_WEBHOOK_URL", "http://canary"), slack], &["SLACK_WEBHOOK_URL"], 0),
        (
            &[("ALERT_LANGUAGE", "JA"), ("SIGNATURE_TOLERANCE_SECONDS", "0"), slack],
            &["SIGNATURE_TOLERANCE_SECONDS", "ALERT_LANGUAGE"],
            1,
        ),
    ] {
        let (config, left_out) = usable(given);
        assert_eq!(left_out.iter().map(|it| it.name).collect::<Vec<_>>(), due);
        assert_eq!(config.addresses.len(), channels, "{due:?}");
        assert_eq!(config.receiver.tolerance.seconds(), 300);
        assert_eq!(config.context.locale.language, Language::En);
    }
    // All at once; the errors do not repeat the values.
    let (config, left_out) = usable(&wrong);
    assert!(config.addresses.is_empty() && config.stripe.is_none());
    assert!(left_out.len() > 8, "{left_out:?}");
    assert!(left_out.iter().all(|it| !it.to_string().contains("canary")), "{left_out:?}");
}

#[test]
fn the_first_and_the_last_value_of_a_range_are_taken() {
    for (name, value) in [
        ("SIGNATURE_TOLERANCE_SECONDS", "1"),
        ("SIGNATURE_TOLERANCE_SECONDS", "3600"),
        ("DEAD_EVENTS_MAX", "0"),
        ("DEAD_EVENTS_MAX", "999"),
        ("READ_BUDGET", "100"),
        ("ALERT_LANGUAGE", "ja"),
        ("DIGEST_AT", "00:00"),
        ("STRIPE_API_BASE", "http://127.0.0.1:12111/"),
    ] {
        assert_eq!(problem(name, value), "", "{name}");
    }
}

#[test]
fn channels_are_named_in_their_order() {
    let config = read(&[
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/X,http://localhost:1/x"),
        ("PAGERDUTY_ROUTING_KEY", "0123456789abcdef0123456789abcdef"),
    ]);
    let addresses = config.ok().unwrap().addresses;
    let names: Vec<_> = addresses.iter().map(ChannelAddress::name).collect();
    assert_eq!(names, ["slack-1", "slack-2", "pagerduty-1"]);
}

#[test]
fn the_digest_can_be_switched_off() {
    assert_eq!(read(&[("DIGEST_AT", "off")]).ok().unwrap().digest, None);
}

#[test]
fn a_key_is_enough_to_ask_stripe() {
    let key = ("STRIPE_SECRET_KEY", "rk_live_abcdefgh");
    let asked = read(&[key]).ok().unwrap().stripe.unwrap();
    assert_eq!((asked.key.masked().as_str(), asked.key.livemode()), ("rk_live_…efgh", true));
    assert_eq!((asked.webhook_url, asked.read_budget), (None, BUDGET));
    let url = "https://donations.example.org/api/webhooks/stripe";
    let asked = read(&[key, ("WEBHOOK_URL", url)]).ok().unwrap().stripe.unwrap();
    assert_eq!(asked.webhook_url.as_deref(), Some(url));
}

#[test]
fn what_can_be_no_address_or_key_is_named_and_not_repeated() {
    for (name, value) in [
        ("SLACK_WEBHOOK_URL", "http://hooks.example/canary"),
        ("PAGERDUTY_EVENTS_URL", "canary"),
        ("PAGERDUTY_ROUTING_KEY", "canary"),
        ("STRIPE_SECRET_KEY", "pk_live_canary"),
        ("STRIPE_API_BASE", "http://canary.example"),
        ("WEBHOOK_URL", "canary"),
    ] {
        let error = problem(name, value);
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn each_setting_stands_once_in_the_table() {
    let names: BTreeSet<_> = SETTINGS.iter().map(|it| it.setting.name).collect();
    assert_eq!(names.len(), SETTINGS.len());
}
