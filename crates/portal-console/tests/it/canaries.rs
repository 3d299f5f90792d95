//! The personal data of the sample events is on no page, in no file and in no answer of the API.

use portal_contract::stripe::from_file;
use portal_testkit::Result;
use portal_testkit::events::samples;
use portal_testkit::needles::Needles;
use serde_json::Value;

use crate::support::Console;

#[test]
fn no_page_file_or_answer_has_personal_data() -> Result {
    let console = Console::new(&[])?;
    for sample in samples()? {
        console.record([from_file(&sample.body).event()])?;
    }
    let needles = Needles::of_the_samples()?;
    let list = console.get("/ops/donations.csv").answer()?;
    let ids = list.body.lines().skip(1).filter_map(|it| it.split(',').next());
    let donations = ids.flat_map(|id| ["", "/api/v1"].map(|it| format!("/ops{it}/donations/{id}")));
    let inbox = console.get("/ops/api/v1/events?limit=200").answer()?;
    let inbox: Value = serde_json::from_str(&inbox.body)?;
    let events = inbox["data"].as_array().ok_or("no list")?;
    let ids = events.iter().filter_map(|it| it["id"].as_str());
    let events = ids.flat_map(|id| ["", "/api/v1"].map(|it| format!("/ops{it}/events/{id}")));
    let lists = ["", ".csv", ".json", ".csv?excel=1"].map(|it| format!("/ops/donations{it}"));
    let others = [
        "/ops/",
        "/ops/statement?period=2025",
        "/ops/statement?period=2024",
        "/ops/events?state=all&limit=200",
        "/ops/events/reprocess?state=processed",
        "/ops/alerts",
        "/ops/reports",
        "/ops/deliveries",
        "/ops/endpoint",
        "/ops/doctor",
        "/ops/settings",
        "/ops/actions",
        "/ops/api/v1/overview",
        "/ops/api/v1/endpoint",
        "/ops/api/v1/doctor",
        "/ops/api/v1/config",
        "/ops/api/v1/donations",
        "/ops/api/v1/totals",
        "/ops/api/v1/events?limit=200",
        "/ops/api/v1/alerts",
        "/ops/api/v1/reports",
        "/ops/api/v1/actions",
    ];
    let mut read = 0;
    for path in donations.chain(events).chain(lists).chain(others.map(str::to_owned)) {
        let answer = console.get(&path).answer()?;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        assert_eq!(needles.found_in(answer.body.as_bytes()).len(), 0, "{path}: {}", answer.body);
        read += 1;
    }
    assert!(read > 60, "{read} pages");
    Ok(())
}
