//! The body that each channel is sent, and the meaning of its answers, over sockets on this
//! machine.

mod answers;
mod discord;
mod pagerduty;
mod slack;

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use jiff::tz::TimeZone;
use portal_domain::{Notification, Notify as _, NotifyError};
use portal_outbound::{
    Channel, ChannelAddress, DEADLINE, HttpTransport, Language, Locale, MessageContext, Url,
};
use portal_testkit::channel::{self as stand_in, Mood};
use portal_testkit::http::Request;
use serde_json::Value;

const ROUTING_KEY: &str = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00";

fn channel(addresses: Vec<ChannelAddress>, deadline: Duration) -> Channel {
    let address = addresses.into_iter().next().unwrap();
    let locale = Locale { language: Language::En, zone: TimeZone::UTC };
    let console_url = Some("https://console.example".to_owned());
    let runbook_url = Some("https://runbook.example/".to_owned());
    let context = MessageContext {
        host: "web-1".into(),
        runbook_url,
        console_url,
        ..MessageContext::new(locale)
    };
    Channel::new(address, context, Arc::new(HttpTransport::new(deadline)))
}

fn slack(url: &str) -> Channel {
    channel(ChannelAddress::slack_list(&format!("{url}/services/T/B/X")).unwrap(), DEADLINE)
}

fn discord(url: &str) -> Channel {
    channel(ChannelAddress::discord_list(&format!("{url}/api/webhooks/1/token")).unwrap(), DEADLINE)
}

fn pagerduty(url: &str) -> Channel {
    let events_url = Url::parse(&format!("{url}/v2/enqueue")).unwrap();
    channel(ChannelAddress::pagerduty_list(ROUTING_KEY, &events_url).unwrap(), DEADLINE)
}

fn tell(channel: &Channel, notification: &Notification) -> Result<(), NotifyError> {
    block_on(channel.notify(notification))
}

/// Sends `notification` to a stand-in for the channel, which takes it, and returns the request with
/// its body.
fn sent(channel: impl Fn(&str) -> Channel, notification: &Notification) -> (Request, Value) {
    let stand_in = stand_in::Channel::open(Mood::Answers(204, "")).unwrap();
    assert_eq!(tell(&channel(&stand_in.base()), notification), Ok(()));
    let request = stand_in.requests().remove(0);
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}
