//! The addresses of channels that may be configured.

use portal_outbound::{CHANNELS_MAX, ChannelAddress, InvalidAddress, PAGERDUTY_EVENTS_URL, Url};

const SLACK: &str = "https://hooks.slack.com/services/T000/B000/XXXX";
const KEY: &str = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00";

fn names(
    addresses: Result<Vec<ChannelAddress>, InvalidAddress>,
) -> Result<Vec<String>, InvalidAddress> {
    Ok(addresses?.iter().map(|it| it.name().to_owned()).collect())
}

fn refusal(url: &str) -> Option<InvalidAddress> {
    Url::parse(url).err()
}

#[test]
fn several_addresses_are_separated_by_commas_and_numbered() -> Result<(), InvalidAddress> {
    let discord = "https://discord.com/api/webhooks/1/abc";
    let events_url = Url::parse(PAGERDUTY_EVENTS_URL)?;
    assert_eq!(names(ChannelAddress::slack_list(SLACK))?, ["slack-1"]);
    assert_eq!(
        names(ChannelAddress::slack_list(&format!("{SLACK},{SLACK}")))?,
        ["slack-1", "slack-2"]
    );
    assert_eq!(names(ChannelAddress::discord_list(discord))?, ["discord-1"]);
    let keys = names(ChannelAddress::pagerduty_list(&format!("{KEY},{KEY}"), &events_url))?;
    assert_eq!(keys, ["pagerduty-1", "pagerduty-2"]);
    Ok(())
}

#[test]
fn one_unusable_address_refuses_the_list() {
    let refusal = |list: &str| names(ChannelAddress::slack_list(list)).err();
    assert_eq!(refusal(""), Some(InvalidAddress::NotUrl));
    assert_eq!(refusal(&format!("{SLACK},")), Some(InvalidAddress::NotUrl));
    assert_eq!(refusal(&format!("{SLACK}, {SLACK}")), Some(InvalidAddress::NotUrl));
    let (most, too_many) = ([SLACK; CHANNELS_MAX].join(","), [SLACK; CHANNELS_MAX + 1].join(","));
    assert_eq!(refusal(&most), None);
    assert_eq!(refusal(&too_many), Some(InvalidAddress::TooMany));
}

#[test]
fn plain_http_stays_on_this_machine() {
    for url in ["http://127.0.0.1:9/a", "http://[::1]:9/a", "http://localhost/a", SLACK] {
        assert_eq!(refusal(url), None, "{url}");
    }
    for url in [
        "http://hooks.slack.com/services/T/B/X",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org/",
        "http://127.0.0.2/",
        "ftp://127.0.0.1/",
        "file://localhost/etc/passwd",
    ] {
        assert_eq!(refusal(url), Some(InvalidAddress::NotHttps), "{url}");
    }
}

#[test]
fn a_text_that_is_no_url_of_a_service_is_refused() {
    for (url, expected) in [
        ("hooks.slack.com/services/T/B/X", InvalidAddress::NotUrl),
        ("hooks.slack.com", InvalidAddress::NotHttps),
        ("https://example.org:99999/", InvalidAddress::NotUrl),
        ("https://example.org:/", InvalidAddress::NotUrl),
        ("https://[::1", InvalidAddress::NotUrl),
        ("/services/T/B/X", InvalidAddress::NotUrl),
        ("https://", InvalidAddress::NotUrl),
        ("https:///services", InvalidAddress::NotUrl),
        ("http://127.0.0.1@example.org/", InvalidAddress::NotUrl),
        ("https://user:password@example.org/", InvalidAddress::NotUrl),
        ("https://example.org/a\n", InvalidAddress::NotUrl),
        ("https://example.org/a\u{0}", InvalidAddress::NotUrl),
        ("https://example.org/a\r\nHost: b", InvalidAddress::NotUrl),
        (" ", InvalidAddress::NotUrl),
    ] {
        assert_eq!(refusal(url), Some(expected), "{url:?}");
    }
    let long = format!("https://example.org/{}", "a".repeat(2028));
    assert_eq!(refusal(&long), None);
    assert_eq!(refusal(&format!("{long}a")), Some(InvalidAddress::TooLong));
}

#[test]
fn a_routing_key_has_32_letters_and_digits() -> Result<(), InvalidAddress> {
    let events_url = Url::parse(PAGERDUTY_EVENTS_URL)?;
    let refusal = |keys: &str| names(ChannelAddress::pagerduty_list(keys, &events_url)).err();
    assert_eq!(refusal(KEY), None);
    assert_eq!(refusal(""), Some(InvalidAddress::NotRoutingKey));
    assert_eq!(refusal(&format!("{KEY}\n")), Some(InvalidAddress::NotRoutingKey));
    assert_eq!(refusal(&format!("{KEY}0")), Some(InvalidAddress::NotRoutingKey));
    assert_eq!(refusal("R0UT1NGKEY"), Some(InvalidAddress::NotRoutingKey));
    assert_eq!(refusal("R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY-0"), Some(InvalidAddress::NotRoutingKey));
    Ok(())
}
