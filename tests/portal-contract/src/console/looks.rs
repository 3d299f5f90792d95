//! Looking.

use super::{ACT_TOKEN, Desk, METRICS_TOKEN, READ_TOKEN, assert_says};
use crate::host::Failure;

/// The text format that each version of Prometheus reads.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn only_operators_see_a_page(desk: &Desk) -> Result<(), Failure> {
    for path in ["/ops/", "/ops/donations", "/ops/donations.csv", "/ops/events", "/ops/actions"] {
        let nobody = desk.console.send("GET", path, &[], None)?;
        assert_eq!(nobody.status, 401, "{path}");
        assert_eq!(desk.open_as(&desk.reader, path)?.status, 200, "{path}");
    }
    let forged = desk.actor.replace("=ops", "=opt");
    assert_ne!(forged, desk.actor);
    assert_eq!(desk.open_as(&forged, "/ops/")?.status, 401);
    assert_eq!(desk.ask("GET", "events", "somebody", "")?.status, 401);
    // The API takes no cookie, so no browser asks it of its own accord.
    assert_eq!(desk.open_as(&desk.actor, "/ops/api/v1/events")?.status, 401);
    for secret in [READ_TOKEN, ACT_TOKEN, &desk.secret] {
        assert!(!desk.page("/ops/")?.contains(secret));
    }
    Ok(())
}

/// Whoever collects them asks by an address, and shows no page.
pub(super) fn metrics_are_for_their_token(desk: &Desk) -> Result<(), Failure> {
    let collect = |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", &*bearer), ("Host", "10.1.2.3:8788")];
        desk.console.send("GET", "/metrics", &headers, None)
    };
    for token in [METRICS_TOKEN, READ_TOKEN, ACT_TOKEN] {
        let metrics = collect(token)?;
        let kind = metrics.header("content-type");
        assert_eq!((metrics.status, kind), (200, Some(CONTENT_TYPE)), "{}", metrics.body);
        assert_says(&metrics.body, &["\ndonation_portal_store_up 1\n", "_build_info{version="]);
        for gauge in ["events", "alerts_open"] {
            assert_says(&metrics.body, &[&format!("\n# TYPE donation_portal_{gauge} gauge\n")]);
        }
        assert!(!metrics.body.contains(token) && !metrics.body.contains(&desk.secret));
    }
    assert_eq!(collect("somebody")?.status, 401);
    assert_eq!(desk.console.send("GET", "/metrics", &[], None)?.status, 401);
    // No browser asks for them of its own accord.
    assert_eq!(desk.open_as(&desk.actor, "/metrics")?.status, 401);
    assert_eq!(desk.ask("GET", "events", METRICS_TOKEN, "")?.status, 403);
    // On Workers deliveries come to the same address.
    assert!([401, 404].contains(&desk.webhook.send("GET", "/metrics", &[], None)?.status));
    Ok(())
}

pub(super) fn a_donation_is_on_its_pages(desk: &Desk) -> Result<(), Failure> {
    let name = desk.name("gift");
    desk.deliver_gift(&name)?;
    let (payment, event) = (format!("pi_{name}"), format!("evt_{name}"));
    assert_says(&desk.page("/ops/")?, &[&format!("/ops/donations/{payment}")]);
    assert_says(&desk.page("/ops/donations")?, &[&payment]);
    assert_says(&desk.page(&format!("/ops/donations/{payment}"))?, &[&payment, &event]);
    assert_says(&desk.page("/ops/donations.csv")?, &[&payment]);
    let found = desk.open_as(&desk.reader, &format!("/ops/go?q={event}"))?;
    let place = format!("/ops/events/{event}");
    assert_eq!((found.status, found.header("location")), (303, Some(&*place)));
    assert_says(&desk.page(&place)?, &[&event, "✓ processed"]);
    assert_eq!(desk.state(&event)?, "processed");
    let listed = desk.ask("GET", &format!("donations/{payment}"), READ_TOKEN, "")?;
    assert_eq!((listed.status, &listed.json()?["state"]), (200, &"paid".into()));
    Ok(())
}
