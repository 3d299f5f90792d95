//! The pages about the service itself: its endpoint and secrets, `doctor`, and the settings.

use std::sync::Arc;

use http::StatusCode;
use portal_contract::{at, block_on};
use portal_domain::event_types::MONEY_TYPES;
use portal_domain::ports::ActionFilter;
use portal_domain::{
    ActionResult, ActionVerb, Clock as _, MatchedSecrets, Observe as _, ReadError, Refusal,
    Secrets, SignatureRefusal, text,
};
use portal_service::doctor::{Check, CheckFinding};
use portal_service::{SignaturesJob, Troubles};
use serde_json::Value;

use crate::host::{URL, WATCHING, endpoint};
use crate::support::{ACT_TOKEN, Answer, Console, NOW, OPERATORS, READ_TOKEN, Result, SECRETS};

/// Each act of these pages.
const ACTS: [&str; 2] = ["/ops/endpoint/look", "/ops/doctor/run"];

/// The most bytes of a page.
const PAGE_BYTES_MAX: usize = 40_000;

fn watching() -> Result<Console> {
    Console::new(&WATCHING)
}

fn page(console: &Console, path: &str) -> Result<Answer> {
    let answer = console.get(path).answer()?;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert!(answer.body.len() < PAGE_BYTES_MAX, "{path}: {}", answer.body.len());
    assert!(!answer.says("canary") || path == "/ops/settings", "{path}: {}", answer.body);
    Ok(answer)
}

fn verbs(console: &Console) -> Result<Vec<(ActionVerb, ActionResult)>> {
    let rows = block_on(console.store.actions(&ActionFilter::default(), 100))?;
    let outcomes = rows.iter().map(|it| Some((it.action.verb, it.outcome?.result)));
    Ok(outcomes.collect::<Option<_>>().ok_or("an action is not finished")?)
}

/// Counts deliveries and refusals of a replica, at the time of the console's clock, and keeps them.
fn counted(console: &Console, matched: &[u8], refused: &[SignatureRefusal]) -> Result {
    let clock = Arc::new(console.clock.clone());
    let troubles = Arc::new(Troubles::new(clock.clone()));
    for number in matched {
        troubles.accepted(MatchedSecrets::from_number(*number));
    }
    for refusal in refused {
        troubles.refused(Refusal::Signature(*refusal));
    }
    let store = Arc::clone(&console.store);
    block_on(SignaturesJob::new(store, clock, troubles, &Secrets::new(SECRETS)?).tick());
    Ok(())
}

#[test]
fn a_look_at_the_endpoint_is_kept_and_said_in_the_first_line() -> Result {
    let console = watching()?;
    assert!(page(&console, "/ops/endpoint")?.says("has not been seen at Stripe yet"));
    let asked = page(&console, "/ops/endpoint/look")?;
    assert!(asked.says("one read at Stripe") && asked.says("8000"), "{}", asked.body);
    let done = console.form("/ops/endpoint/look").send("")?;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/ops/endpoint"));
    let seen = page(&console, "/ops/endpoint")?;
    for due in ["✓ The endpoint is as it should be.", "we_1", URL, "2025-09-30.clover", "✓ enabled"]
    {
        assert!(seen.says(due), "{due}: {}", seen.body);
    }
    assert_eq!(block_on(console.store.spend(0, at(NOW)))?, 1);
    assert_eq!(verbs(&console)?, [(ActionVerb::LookAtEndpoint, ActionResult::Done)]);
    Ok(())
}

#[test]
fn what_is_wrong_with_the_endpoint_is_an_alert_and_has_advice() -> Result {
    let console = watching()?;
    console.host.stripe_shows(Ok(vec![endpoint("disabled", &MONEY_TYPES)]));
    console.form("/ops/endpoint/look").send("")?;
    let seen = page(&console, "/ops/endpoint?lang=ja")?;
    assert!(
        seen.says("✕ イベントが正しく届きません。") && seen.says("✕ disabled"),
        "{}",
        seen.body
    );
    assert!(seen.says("有効に戻してください"), "{}", seen.body);
    assert!(page(&console, "/ops/alerts/endpoint")?.says("disabled"));
    console.clock.pass(60);
    let types: Vec<_> = MONEY_TYPES[1..].iter().copied().chain(["product.created"]).collect();
    console.host.stripe_shows(Ok(vec![endpoint("enabled", &types)]));
    console.form("/ops/endpoint/look").send("")?;
    let seen = page(&console, "/ops/endpoint")?;
    assert!(seen.says("▲ missing: ") && seen.says(MONEY_TYPES[0]), "{}", seen.body);
    assert!(seen.says("of no use here: ") && seen.says("product.created"), "{}", seen.body);
    let results: Vec<_> = verbs(&console)?.into_iter().map(|it| it.1).collect();
    assert_eq!(results, [ActionResult::FoundWrong, ActionResult::FoundWrong]);
    Ok(())
}

#[test]
fn a_look_that_fails_keeps_what_was_seen_before() -> Result {
    let console = watching()?;
    console.form("/ops/endpoint/look").send("")?;
    console.clock.pass(60);
    console.host.stripe_shows(Err(ReadError::NotAllowed));
    console.form("/ops/endpoint/look").send("")?;
    let seen = page(&console, "/ops/endpoint")?;
    assert!(seen.says("The last look failed") && seen.says("403"), "{}", seen.body);
    assert!(seen.says("✓ The endpoint is as it should be."), "{}", seen.body);
    assert_eq!(verbs(&console)?[0], (ActionVerb::LookAtEndpoint, ActionResult::Failed));
    Ok(())
}

#[test]
fn without_a_key_or_a_url_the_page_says_that_nobody_watches() -> Result {
    let without = page(&Console::new(&[])?, "/ops/endpoint")?;
    assert!(without.says("STRIPE_SECRET_KEY is not set"), "{}", without.body);
    assert!(!without.says("/ops/endpoint/look"));
    let without = page(&Console::new(&WATCHING[..1])?, "/ops/endpoint")?;
    assert!(without.says("WEBHOOK_URL is not set"), "{}", without.body);
    Ok(())
}

#[test]
fn a_secret_that_was_replaced_may_be_removed_three_days_later() -> Result {
    let console = watching()?;
    let never = page(&console, "/ops/endpoint")?;
    assert!(never.says("none of 2 has matched yet.") && never.says("never"), "{}", never.body);
    // Stripe signs with both, then with the new one only, whichever replica counts.
    counted(&console, &[0b10, 0b11, 0b11], &[])?;
    let both = page(&console, "/ops/endpoint")?;
    assert!(both.says("100 % (3 of 3)") && both.says("66 % (2 of 3)"), "{}", both.body);
    assert!(both.says("2 of 2 matched; the longest ago: 0 s."), "{}", both.body);
    assert!(!both.says("▲ may be removed"));
    console.clock.pass(24 * 3600);
    counted(&console, &[0b01, 0b01], &[])?;
    assert!(!page(&console, "/ops/endpoint")?.says("▲ may be removed"));
    console.clock.pass(3 * 24 * 3600);
    counted(&console, &[0b01], &[])?;
    let replaced = page(&console, "/ops/endpoint?lang=ja")?;
    assert_eq!(replaced.body.matches("▲ 削除できます").count(), 1, "{}", replaced.body);
    assert!(replaced.says("0 %（3 件中 0 件）") && replaced.says("100 %（3 件中 3 件）"));
    assert!(replaced.says("<title id=\"secrets-title\">各シークレットの最後の一致</title>"));
    Ok(())
}

#[test]
fn refusals_of_the_last_hour_stand_there_with_their_likely_cause() -> Result {
    let console = watching()?;
    assert!(
        page(&console, "/ops/endpoint")?
            .says("Refused in the last hour</h2><p class=\"ok\">✓ None.")
    );
    let old = SignatureRefusal::TimestampOutsideTolerance { age_seconds: 900 };
    counted(&console, &[], &[SignatureRefusal::NoMatch, SignatureRefusal::NoMatch, old])?;
    let refused = page(&console, "/ops/endpoint")?;
    assert!(refused.says("no_match</td><td class=\"number\">2</td>"), "{}", refused.body);
    assert!(refused.says("This machine&#39;s clock is wrong") || refused.says("clock is wrong"));
    console.clock.pass(2 * 3600);
    assert!(!page(&console, "/ops/endpoint")?.says("no_match</td>"));
    Ok(())
}

#[test]
fn a_run_of_doctor_is_kept_in_groups_with_its_advice() -> Result {
    let console = watching()?;
    assert!(page(&console, "/ops/doctor")?.says("It has not been run here yet."));
    let asked = page(&console, "/ops/doctor/run")?;
    assert!(asked.says("up to ten reads at Stripe"), "{}", asked.body);
    let fine = || text!("fine", "問題なし");
    let advice = || text!("repair it", "直してください");
    console.host.finds(vec![
        CheckFinding::ok(Check::Settings, fine()),
        CheckFinding::wrong(Check::Endpoint, text!("disabled", "無効"), advice()),
        CheckFinding::not_checked(Check::Disk, text!("not here", "ここでは不可"), advice()),
    ]);
    let done = console.form("/ops/doctor/run").send("")?;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/ops/doctor"));
    let shown = page(&console, "/ops/doctor")?;
    assert!(shown.says("✕ wrong: 1 · ? not checked: 1"), "{}", shown.body);
    let places = ["disabled", "repair it", "not here", "fine"].map(|it| shown.body.find(it));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{}", shown.body);
    assert!(page(&console, "/ops/doctor?lang=ja")?.says("問題あり 1 件"));
    assert_eq!(verbs(&console)?, [(ActionVerb::Doctor, ActionResult::FoundWrong)]);
    let made = at(NOW).get().to_string();
    let data: Value = serde_json::from_str(&console.get("/ops/api/v1/doctor").answer()?.body)?;
    assert_eq!(data["made_at"].to_string(), made);
    assert_eq!(data["data"][1]["runbook"], "doctor, endpoint");
    Ok(())
}

#[test]
fn each_act_is_done_once_a_minute_at_most() -> Result {
    let console = watching()?;
    for act in ACTS {
        assert_eq!(console.form(act).send("")?.status, StatusCode::SEE_OTHER, "{act}");
        let again = console.form(act).send("")?;
        assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "{act}: {}", again.body);
        assert_eq!(again.header("retry-after"), "60");
    }
    console.clock.pass(60);
    for act in ACTS {
        assert_eq!(console.form(act).send("")?.status, StatusCode::SEE_OTHER, "{act}");
    }
    assert_eq!(block_on(console.store.spend(0, console.clock.now()))?, 2);
    Ok(())
}

#[test]
fn one_who_may_look_runs_nothing() -> Result {
    let console = Console::new(&[OPERATORS, WATCHING[0], WATCHING[1]])?;
    let cookie = console.sign_in(READ_TOKEN)?;
    for act in ACTS {
        let asked = console.get(act).with_cookie(&cookie).answer()?;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{act}");
        let sent = console.form(act).with_cookie(&cookie).send("")?;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{act}");
    }
    for path in ["/ops/endpoint", "/ops/doctor"] {
        let page = console.get(path).with_cookie(&cookie).answer()?;
        assert!(!ACTS.iter().any(|act| page.says(act)), "{}", page.body);
    }
    assert_eq!(verbs(&console)?, []);
    assert_eq!(block_on(console.store.spend(0, at(NOW)))?, 0);
    let cookie = console.sign_in(ACT_TOKEN)?;
    let page = console.get("/ops/doctor").with_cookie(&cookie).answer()?;
    assert!(page.says(ACTS[1]));
    Ok(())
}

#[test]
fn settings_are_shown_masked_with_where_they_come_from() -> Result {
    let console = Console::new(&[OPERATORS, WATCHING[0], WATCHING[1]])?;
    let cookie = console.sign_in(READ_TOKEN)?;
    let shown = console.get("/ops/settings").with_cookie(&cookie).answer()?;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.len() < PAGE_BYTES_MAX, "{}", shown.body.len());
    for due in ["rk_live_…4471 (sha256 ", URL, "treasurer", "look (read)", "1.2.3-test", "not set"]
    {
        assert!(shown.says(due), "{due}: {}", shown.body);
    }
    let token = &ACT_TOKEN[..ACT_TOKEN.len() - 4];
    assert!(!shown.says("canary") && !shown.says(token), "{}", shown.body);
    let data = console.get("/ops/api/v1/config").bearing(READ_TOKEN).answer()?;
    let url = format!(r#"{{"name":"WEBHOOK_URL","value":"{URL}","source":"variable"}}"#);
    let budget = r#"{"name":"READ_BUDGET","value":"8000","source":"default"}"#;
    assert!(data.says(&url) && data.says(budget), "{}", data.body);
    assert!(!data.says("canary") && !data.says(token));
    Ok(())
}
