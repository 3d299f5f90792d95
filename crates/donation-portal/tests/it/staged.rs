//! The failures of an operator's day: what reaches people, in which order, and what they see when
//! they look, in both languages. Each comes back once.

mod repairs;
mod stage;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use portal_testkit::stripe::{Fault, Resource};

use crate::support::Result;
use crate::support::channel::Mood;
use crate::support::event::{OTHER_SECRET, SECRET, dispute, payment};
use stage::{HOUR, MINUTE, Stage};

/// Makes a test of each story: people see all that its script has, and one repairs it from the console.
macro_rules! stories {
    ($($story:ident)*) => {
        $(mod $story {
            #[test]
            #[ignore = "needs Debian's package faketime; `cargo xtask test` runs it"]
            fn is_seen_and_repaired_from_the_console() -> crate::support::Result {
                super::stage::play(stringify!($story), super::$story, super::repairs::$story)
            }
        })*
    };
}

stories! {
    a_wrong_secret
    a_clock_that_is_fast
    a_database_that_is_deleted
    a_database_that_may_only_be_read
    a_full_disk
    a_dead_event
    a_burst_of_forged_deliveries
    a_channel_that_is_gone
    a_key_without_rights
    a_disabled_endpoint
    silence
}

fn a_wrong_secret(stage: &mut Stage) -> Result {
    stage.direct("the server is started with another secret; ten payments come");
    stage.start_with(OTHER_SECRET)?;
    stage.is_refused(10)?;
    stage.both_get(1)?;
    stage.look()?;
    stage.direct("five minutes later it is restarted with the right one; a payment comes");
    stage.pass(5 * MINUTE)?;
    stage.stop()?;
    stage.start_with(SECRET)?;
    stage.is_paid("evt_right")?;
    stage.ends("signature_refusals")?;
    stage.look()?;
    stage.direct("it is wrong again");
    stage.stop()?;
    stage.start_with(OTHER_SECRET)?;
    stage.is_refused(10)?;
    stage.both_get(1)
}

fn a_clock_that_is_fast(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    stage.direct("this machine's clock jumps ten minutes ahead; ten payments come");
    stage.shift(10 * MINUTE)?;
    stage.is_refused(10)?;
    stage.both_get(1)?;
    stage.look()?;
    stage.status_compares_clocks(10 * MINUTE)?;
    stage.direct("five minutes later the clock is right; a payment comes");
    stage.pass(5 * MINUTE)?;
    stage.shift(-10 * MINUTE)?;
    stage.is_paid("evt_right")?;
    stage.pass(10 * MINUTE)?;
    stage.ends("signature_refusals")?;
    stage.look()?;
    stage.direct("it jumps again");
    stage.shift(10 * MINUTE)?;
    stage.is_refused(10)?;
    stage.both_get(1)
}

fn a_database_that_is_deleted(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    let (database, away) = (stage.home.database(), stage.home.path("away.db"));
    for times in ["the database is moved away; a payment comes", "it is moved away again"] {
        stage.direct(times);
        fs::rename(&database, &away)?;
        stage.is_put_off(1)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("five minutes later it is back; the payment comes again");
        stage.pass(5 * MINUTE)?;
        fs::rename(&away, &database)?;
        stage.is_recovered("evt_0")?;
        stage.look()?;
    }
    Ok(())
}

fn a_database_that_may_only_be_read(stage: &mut Stage) -> Result {
    stage.start_without_power()?;
    stage.is_paid("evt_before")?;
    let files = ["portal.db", "portal.db-wal", "portal.db-shm"].map(|name| stage.home.path(name));
    let allow = |mode| {
        let there = files.iter().filter(|file| file.exists());
        there.into_iter().try_for_each(|it| fs::set_permissions(it, Permissions::from_mode(mode)))
    };
    for times in ["restarted, the server may only read the file; a payment comes", "once more"] {
        stage.direct(times);
        // An open connection would keep its rights.
        stage.stop()?;
        allow(0o444)?;
        stage.start_without_power()?;
        stage.is_put_off(1)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("five minutes later it may be written again; the payment comes again");
        stage.pass(5 * MINUTE)?;
        allow(0o644)?;
        stage.is_recovered("evt_0")?;
        stage.look()?;
    }
    Ok(())
}

fn a_full_disk(stage: &mut Stage) -> Result {
    stage.start_on_small_disk()?;
    stage.is_paid("evt_before")?;
    for times in ["the disk is full; a payment comes", "it is full again"] {
        stage.direct(times);
        stage.fill()?;
        stage.is_put_off_at_last()?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("five minutes later there is room; a payment comes again");
        stage.pass(5 * MINUTE)?;
        stage.free()?;
        stage.is_recovered("evt_0")?;
        stage.look()?;
    }
    Ok(())
}

fn a_dead_event(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.direct("a payment without a currency comes");
    let broken = |id: &str| payment(id).replace(r#""currency":"jpy","#, "");
    assert_eq!(stage.deliver(&broken("evt_1"))?, 200);
    stage.both_get(1)?;
    stage.look()?;
    stage.direct("it is retried, and dead again");
    stage.pass(5 * MINUTE)?;
    stage.run(&["events", "retry", "--state", "dead", "--yes"])?;
    stage.direct("it is ignored");
    stage.pass(5 * MINUTE)?;
    stage.run(&["events", "ignore", "evt_1"])?;
    stage.ends("event_dead")?;
    stage.look()?;
    stage.direct("another one comes");
    assert_eq!(stage.deliver(&broken("evt_2"))?, 200);
    stage.both_get(1)
}

fn a_burst_of_forged_deliveries(stage: &mut Stage) -> Result {
    stage.start()?;
    for times in ["200 forged deliveries come beside 14 genuine ones", "once more"] {
        stage.direct(times);
        stage.is_forged(1)?;
        for number in 0..14 {
            stage.is_paid(&format!("evt_{}_{number}", stage.now()))?;
        }
        stage.is_forged(199)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("nothing more of it comes");
        stage.ends("signature_refusals")?;
    }
    stage.look()
}

fn a_channel_that_is_gone(stage: &mut Stage) -> Result {
    stage.start()?;
    for (id, status) in [("evt_1", "needs_response"), ("evt_2", "lost")] {
        stage.direct("Slack answers 404, and a dispute changes");
        stage.slack.becomes(Mood::Answers(404, "X-Well: no"));
        assert_eq!(stage.deliver(&dispute(id, status, stage.now()))?, 200);
        stage.discord_gets(2)?;
        stage.is_degraded(true)?;
        stage.look()?;
        stage.run(&["alerts", "list"])?;
        stage.direct("an hour later Slack takes messages again");
        stage.slack.becomes(Mood::Well);
        stage.pass(HOUR)?;
        stage.slack_gets(1)?;
        stage.store_says("channel_failing:slack-1", "ended")?;
        stage.pass(11 * MINUTE)?;
        stage.discord_gets(1)?;
        stage.is_degraded(false)?;
        stage.look()?;
    }
    Ok(())
}

fn a_key_without_rights(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    stage.is_polled()?;
    for times in ["the key may not read webhook endpoints any more", "once more"] {
        stage.direct(times);
        stage.stripe.always(Resource::WebhookEndpoints, Fault::NotAllowed);
        stage.pass(2 * HOUR)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("two hours later it may again");
        stage.stripe.always(Resource::WebhookEndpoints, Fault::None);
        stage.pass(2 * HOUR)?;
        stage.ends("stripe_unreadable:webhook_endpoints")?;
        stage.look()?;
    }
    Ok(())
}

fn a_disabled_endpoint(stage: &mut Stage) -> Result {
    stage.start()?;
    stage.is_paid("evt_before")?;
    stage.is_polled()?;
    for times in ["the endpoint is disabled at Stripe", "it is disabled again"] {
        stage.direct(times);
        stage.stripe.account().endpoints[0].status = "disabled";
        stage.pass(2 * HOUR)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("two hours later it is enabled");
        stage.stripe.account().endpoints[0].status = "enabled";
        stage.pass(2 * HOUR)?;
        stage.ends("endpoint:disabled")?;
        stage.look()?;
    }
    Ok(())
}

fn silence(stage: &mut Stage) -> Result {
    // Stripe would be asked for payments that it has not.
    stage.key = None;
    stage.start()?;
    stage.direct("for two weeks a payment comes every six hours");
    for number in 0..56 {
        stage.is_paid(&format!("evt_{number}"))?;
        stage.pass(6 * HOUR)?;
    }
    // A silence of the past counts as usual.
    for (id, hours) in [("evt_a", 25), ("evt_b", 70)] {
        stage.direct(&format!("then none for {hours} hours"));
        stage.pass(hours * HOUR)?;
        stage.both_get(1)?;
        stage.look()?;
        stage.direct("a payment comes");
        stage.is_paid(id)?;
        stage.pass(HOUR)?;
        stage.ends("silence")?;
        stage.look()?;
    }
    Ok(())
}
