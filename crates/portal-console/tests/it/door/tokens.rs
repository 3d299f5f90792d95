//! Tokens: where none is needed, the right ones, and those who guess.

use http::{Method, StatusCode};
use portal_testkit::Result;

use crate::support::{ACT_TOKEN, Console, METRICS_TOKEN, OPERATORS, READ_TOKEN};

const GUESS: &str = "guess-0123456789abcdef0123456789abcdef";

/// The bar on each page of a console that needs no token.
const BAR: &str = "OPERATOR_TOKENS is not set";

#[test]
fn without_tokens_everybody_may_act_and_each_page_says_so() -> Result {
    let console = Console::new(&[])?;
    for path in ["/ops/", "/ops/sign-in", "/ops/nothing"] {
        let answer = console.get(path).answer()?;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.says(BAR), "{path}");
    }
    // A token that is sent all the same is no reason to refuse.
    let answer = console.get("/ops/").bearing(GUESS).answer()?;
    assert_eq!(answer.status, StatusCode::OK);
    Ok(())
}

#[test]
fn with_tokens_nothing_is_shown_without_one() -> Result {
    let console = Console::new(&[OPERATORS])?;
    for path in ["/", "/ops", "/ops/", "/ops/nothing", "/ops/sign-in/", "/ops/sign-inside"] {
        let answer = console.get(path).answer()?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(answer.says("You are signed out") && answer.says(r#"name="token""#), "{path}");
        for hidden in [BAR, "<nav", "Sign out", "Last donations", "treasurer"] {
            assert!(!answer.says(hidden), "{path}: {hidden}");
        }
    }
    assert_eq!(console.form("/ops/sign-out").answer()?.status, StatusCode::UNAUTHORIZED);
    for program in ["/ops/api/v1/overview", "/ops/api/"] {
        let answer = console.get(program).answer()?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{program}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.says(r#""code":"signed_out""#), "{}", answer.body);
    }
    Ok(())
}

#[test]
fn a_bearer_has_the_rights_of_the_role() -> Result {
    let console = Console::new(&[OPERATORS])?;
    for (token, name) in [(READ_TOKEN, "treasurer · read-only"), (ACT_TOKEN, "ops · may act")] {
        let answer = console.get("/ops/").bearing(token).answer()?;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.says(name) && !answer.says(BAR), "{}", answer.body);
        assert!(!answer.says(token));
    }
    let scheme = console.get("/ops/").with("authorization", format!("bearer {READ_TOKEN}"));
    assert_eq!(scheme.answer()?.status, StatusCode::OK);
    Ok(())
}

#[test]
fn a_token_for_metrics_opens_no_page() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(METRICS_TOKEN)?;
    for asked in [
        console.get("/ops/").bearing(METRICS_TOKEN),
        console.get("/ops/nothing").bearing(METRICS_TOKEN),
        console.get("/ops/api/v1/overview").bearing(METRICS_TOKEN),
        console.get("/ops/").with_cookie(&session),
        console.form("/ops/sign-out").with_cookie(&session),
    ] {
        let answer = asked.answer()?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.says("This token may read metrics only"), "{}", answer.body);
        assert!(!answer.says("Last donations") && !answer.says("prometheus"));
    }
    Ok(())
}

#[test]
fn what_is_no_token_is_refused() -> Result {
    for wrong in [
        format!("Bearer {GUESS}"),
        format!("Bearer {}", ACT_TOKEN.to_uppercase()),
        format!("Bearer ops:act:{ACT_TOKEN}"),
        "Bearer ".to_owned(),
    ] {
        let console = Console::new(&[OPERATORS])?;
        let answer = console.get("/ops/").with("authorization", wrong.as_str()).answer()?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(!answer.says(GUESS));
    }
    // It is no bearer token.
    let console = Console::new(&[OPERATORS])?;
    let basic = console.get("/ops/").with("authorization", "Basic b3BzOmFjdA==").answer()?;
    assert_eq!(basic.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

/// Guesses until the limit is reached, in each way that there is.
fn guess_five_times(console: &Console) -> Result {
    let form = format!("token={GUESS}");
    for number in 0..5 {
        let asked = match number % 3 {
            0 => console.get("/ops/").bearing(GUESS).answer()?,
            1 => console.form("/ops/sign-in").send(&form)?,
            _ => console.get("/ops/api/v1/overview").bearing(GUESS).answer()?,
        };
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{number}");
    }
    Ok(())
}

#[test]
fn after_five_wrong_tokens_in_a_minute_only_those_with_a_right_one_go_on() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(READ_TOKEN)?;
    guess_five_times(&console)?;
    let form = format!("token={GUESS}");
    for refused in [
        console.get("/ops/").bearing(GUESS).answer()?,
        console.get("/ops/api/v1/overview").bearing(GUESS).answer()?,
        console.get("/ops/").with_cookie("__Host-ops=ops.1795355400.00").answer()?,
        console.form("/ops/sign-in").send(&form)?,
    ] {
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.header("retry-after"), "60");
        assert!(refused.says("Too many wrong tokens"));
    }
    assert_eq!(console.get("/ops/").bearing(ACT_TOKEN).answer()?.status, StatusCode::OK);
    assert_eq!(console.get("/ops/").with_cookie(&session).answer()?.status, StatusCode::OK);
    console.sign_in(ACT_TOKEN)?;
    assert_eq!(console.get("/ops/").answer()?.status, StatusCode::UNAUTHORIZED);
    assert_eq!(console.get("/ops/sign-in").answer()?.status, StatusCode::OK);
    console.clock.pass(60);
    guess_five_times(&console)
}

#[test]
fn a_guess_is_not_told_from_a_right_token_where_it_is_not_counted() -> Result {
    let console = Console::new(&[OPERATORS])?;
    for path in ["/ops/sign-in", "/ops/assets/console.css"] {
        let right = console.get(path).bearing(ACT_TOKEN).answer()?;
        let wrong = console.get(path).bearing(GUESS).answer()?;
        assert_eq!((right.status, right.body), (wrong.status, wrong.body), "{path}");
    }
    // Another site cannot find out either, nor use the limit up.
    for _ in 0..9 {
        let foreign = console.ask(Method::POST, "/ops/sign-in").with("origin", "null");
        assert_eq!(foreign.send(&format!("token={GUESS}"))?.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(console.get("/ops/").bearing(GUESS).answer()?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}
