//! Acting.

use super::{ACT_TOKEN, Desk, FORM, OF_THE_CONSOLE, READ_TOKEN, assert_says};
use crate::host::Failure;

/// From the link of the alert on.
pub(super) fn a_dead_event_is_reprocessed(desk: &Desk) -> Result<(), Failure> {
    let name = desk.name("again");
    desk.deliver_dead(&name)?;
    let id = format!("evt_{name}");
    assert_says(&desk.page("/ops/alerts/event_dead")?, &["event_dead", "/ops/events?state=dead"]);
    assert_says(&desk.page("/ops/events?state=dead")?, &[&id, "✕ dead"]);
    let asked = desk.page(&format!("/ops/events/reprocess?id={id}"))?;
    assert_says(&asked, &["Reprocess 1 events?", "name=\"expect\" value=\"1\""]);
    let done = desk.act_and_follow("/ops/events/reprocess", &format!("id={id}&expect=1"))?;
    assert_says(&done, &["1 reprocessed, 1 of them still dead."]);
    assert_eq!(desk.state(&id)?, "dead");
    let dry = desk.ask("POST", "events/reprocess?dry_run=1", ACT_TOKEN, &format!("id={id}"))?;
    assert_eq!((dry.status, &*dry.body), (200, r#"{"count":1}"#));
    Ok(())
}

pub(super) fn one_is_acknowledged_one_ignored(desk: &Desk) -> Result<(), Failure> {
    let (seen, lost) = (desk.name("seen"), desk.name("lost"));
    desk.deliver_dead(&seen)?;
    desk.deliver_dead(&lost)?;
    let form = |name: &str, expect| format!("id=evt_{name}&expect={expect}");
    for act in ["acknowledge", "ignore", "reprocess"] {
        // Another number than there is.
        let differs = desk.act(&format!("/ops/events/{act}"), &form(&lost, 2))?;
        assert_eq!(differs.status, 409, "{act}: {}", differs.body);
        assert_says(&differs.body, &["1 match now, not 2: nothing was done"]);
    }
    assert_eq!(desk.state(&format!("evt_{lost}"))?, "dead");
    let done = desk.act_and_follow("/ops/events/acknowledge", &form(&seen, 1))?;
    assert_says(&done, &["1 acknowledged."]);
    let acknowledged = desk.page("/ops/events?state=dead&acknowledged=yes")?;
    assert_says(&acknowledged, &[&format!("evt_{seen}")]);
    assert_eq!(desk.state(&format!("evt_{seen}"))?, "dead");
    let done = desk.act_and_follow("/ops/events/ignore", &form(&lost, 1))?;
    assert_says(&done, &["1 ignored."]);
    assert_eq!(desk.state(&format!("evt_{lost}"))?, "ignored");
    // The trail names the operator, and has what was refused.
    let trail = desk.page("/ops/actions")?;
    assert_says(&trail, &["ops", "acknowledge", "ignore", "not done: the number had changed"]);
    let entries = desk.ask("GET", "actions?limit=2", READ_TOKEN, "")?.json()?;
    let entry = |place: usize| -> (&str, &str, &str) {
        let of = |field: &str| entries["data"][place][field].as_str().unwrap_or_default();
        (of("who"), of("verb"), of("result"))
    };
    assert_eq!(entry(0), ("ops", "ignore", "done"));
    assert_eq!(entry(1), ("ops", "acknowledge", "done"));
    Ok(())
}

pub(super) fn an_alert_is_silenced(desk: &Desk) -> Result<(), Failure> {
    desk.deliver_dead(&desk.name("loud"))?;
    let alert = "/ops/alerts/event_dead";
    assert_says(&desk.page(&format!("{alert}/silence"))?, &["Silence the alert?"]);
    let silent = desk.act_and_follow(&format!("{alert}/silence"), "hours=4")?;
    assert_says(&silent, &["Silenced until"]);
    let told = desk.act_and_follow(&format!("{alert}/unsilence"), "")?;
    assert!(!told.contains("Silenced until"));
    let seen = desk.act_and_follow(&format!("{alert}/acknowledge"), "")?;
    assert_says(&seen, &["Acknowledged"]);
    for hours in ["0", "169", "x"] {
        let sent = desk.act(&format!("{alert}/silence"), &format!("hours={hours}"))?;
        assert_eq!(sent.status, 400, "{hours}");
    }
    Ok(())
}

/// Both have seen one event, and both press the button.
pub(super) fn of_two_who_act_at_once_one_wins(desk: &Desk) -> Result<(), Failure> {
    for act in ["acknowledge", "ignore"] {
        let name = desk.name(act);
        desk.deliver_dead(&name)?;
        let press = || {
            let sent = desk.act(&format!("/ops/events/{act}"), &format!("id=evt_{name}&expect=1"));
            sent.map(|it| it.status).map_err(|it| it.to_string())
        };
        let statuses = std::thread::scope(|scope| {
            let both = [scope.spawn(press), scope.spawn(press)];
            both.map(|it| it.join().unwrap_or_else(|_| Err("it panicked".into())))
        });
        let mut statuses = statuses.into_iter().collect::<Result<Vec<_>, _>>()?;
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{act}");
    }
    Ok(())
}

pub(super) fn nobody_else_acts(desk: &Desk) -> Result<(), Failure> {
    let name = desk.name("kept");
    desk.deliver_dead(&name)?;
    let (id, form) = (format!("evt_{name}"), format!("id=evt_{name}&expect=1"));
    let newest = |desk: &Desk| -> Result<_, Failure> {
        Ok(desk.ask("GET", "actions?limit=1", READ_TOKEN, "")?.json()?["data"][0]["number"].clone())
    };
    let before = newest(desk)?;
    for path in [
        "/ops/events/ignore",
        "/ops/alerts/event_dead/silence",
        "/ops/alerts/test",
        "/ops/reports/compare",
    ] {
        let reader = [OF_THE_CONSOLE, ("Cookie", &*desk.reader)];
        assert_eq!(desk.send(&reader, path, &form)?.status, 403, "{path}");
        for site in ["cross-site", "same-site", "none"] {
            let stranger = [("Sec-Fetch-Site", site), ("Cookie", &*desk.actor)];
            assert_eq!(desk.send(&stranger, path, &form)?.status, 403, "{path} {site}");
        }
        let origin = [("Origin", "https://evil.example"), ("Cookie", &*desk.actor)];
        assert_eq!(desk.send(&origin, path, &form)?.status, 403, "{path}");
        assert_eq!(desk.send(&[OF_THE_CONSOLE], path, &form)?.status, 401, "{path}");
    }
    for path in ["events/ignore", "alerts/event_dead/silence", "alerts/test", "reconcile"] {
        assert_eq!(desk.ask("POST", path, READ_TOKEN, &form)?.status, 403, "{path}");
    }
    let large = format!("id={}", "e".repeat(64 * 1024));
    let headers = [FORM, OF_THE_CONSOLE, ("Cookie", &*desk.actor)];
    let large =
        desk.console.send("POST", "/ops/events/ignore", &headers, Some(large.as_bytes()))?;
    assert_eq!(large.status, 413);
    assert_eq!(desk.state(&id)?, "dead");
    assert_eq!(newest(desk)?, before);
    Ok(())
}
