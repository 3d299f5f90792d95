//! Signing in by the form, and the cookie that a browser then has.

use http::StatusCode;
use portal_domain::Operators;
use portal_testkit::Result;

use crate::support::{ACT_TOKEN, Console, NOW, OPERATORS, READ_TOKEN};

const HALF_A_DAY: i64 = 12 * 3600;

#[test]
fn the_form_gives_a_cookie_that_no_script_and_no_other_site_has() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let answer = console.form("/ops/sign-in").send(&format!("token=+{READ_TOKEN}%0A&to="))?;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/ops/"));
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    let cookie = answer.header("set-cookie");
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict");
    assert!(pair.starts_with(&format!("__Host-ops=treasurer.{NOW}.")), "{pair}");
    assert!(!cookie.contains(READ_TOKEN) && answer.body.is_empty());
    let page = console.get("/ops/").with("cookie", format!("a=b; {pair}; ops-lang=en")).answer()?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("treasurer · read-only"));
    Ok(())
}

#[test]
fn a_session_ends_after_half_a_day() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(ACT_TOKEN)?;
    let status = || Result::Ok(console.get("/ops/").with_cookie(&session).answer()?.status);
    console.clock.pass(HALF_A_DAY - 1);
    assert_eq!(status()?, StatusCode::OK);
    console.clock.pass(1);
    assert_eq!(status()?, StatusCode::UNAUTHORIZED);
    console.clock.set(NOW - 1);
    assert_eq!(status()?, StatusCode::UNAUTHORIZED, "it comes from the future");
    Ok(())
}

#[test]
fn a_session_ends_when_the_token_is_changed_or_removed() -> Result {
    let session = Console::new(&[OPERATORS])?.sign_in(READ_TOKEN)?;
    let changed = OPERATORS.1.replace(READ_TOKEN, "read-1123456789abcdef0123456789abcdef");
    let renamed = OPERATORS.1.replace("treasurer:", "bookkeeper:");
    for list in [changed, renamed] {
        let console = Console::new(&[(OPERATORS.0, &list)])?;
        let answer = console.get("/ops/").with_cookie(&session).answer()?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        // The browser forgets it, or each request of it would count as a wrong token.
        assert!(answer.header("set-cookie").starts_with("__Host-ops=; Path=/; Max-Age=0;"));
    }
    // Another replica with the same tokens knows it.
    let replica = Console::new(&[OPERATORS])?;
    assert_eq!(replica.get("/ops/").with_cookie(&session).answer()?.status, StatusCode::OK);
    // A role that was taken away is gone at once.
    let list = OPERATORS.1.replace("treasurer:read:", "treasurer:metrics:");
    let demoted = Console::new(&[(OPERATORS.0, &list)])?;
    assert_eq!(demoted.get("/ops/").with_cookie(&session).answer()?.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[test]
fn a_forged_session_opens_nothing() -> Result {
    let session = Console::new(&[OPERATORS])?.sign_in(READ_TOKEN)?;
    let signature = session.rsplit_once('.').unwrap().1;
    let others =
        Operators::parse(&OPERATORS.1.replace("0123456789abcdef", "00112233445566778899"))?;
    let others = others.iter().find(|it| &*it.name == "ops").unwrap().session(at_now());
    for forged in [
        session.replace("treasurer", "ops"),
        session.replace(&NOW.to_string(), &(NOW + 1).to_string()),
        session.replace(signature, &"0".repeat(signature.len())),
        session.replace(signature, ""),
        session.replace(signature, &signature[..32]),
        format!("__Host-ops=ops.{NOW}"),
        "__Host-ops=ops".to_owned(),
        "__Host-ops=".to_owned(),
        format!("__Host-ops={others}"),
        format!("__Host-ops={READ_TOKEN}"),
    ] {
        let console = Console::new(&[OPERATORS])?;
        let answer = console.get("/ops/").with_cookie(&forged).answer()?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{forged}");
        assert!(!answer.says("Last donations"), "{forged}");
    }
    // A cookie of another name is none of ours.
    let console = Console::new(&[OPERATORS])?;
    let renamed = session.replace("__Host-ops", "ops");
    assert_eq!(
        console.get("/ops/").with_cookie(&renamed).answer()?.status,
        StatusCode::UNAUTHORIZED
    );
    Ok(())
}

fn at_now() -> portal_domain::UnixSeconds {
    portal_contract::at(NOW)
}

#[test]
fn a_session_opens_pages_and_not_the_api() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(ACT_TOKEN)?;
    let api = console.get("/ops/api/v1/nothing").with_cookie(&session).answer()?;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    assert_eq!(console.get("/ops/").with_cookie(&session).answer()?.status, StatusCode::OK);
    Ok(())
}

#[test]
fn signing_out_makes_the_browser_forget_the_session() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(ACT_TOKEN)?;
    let answer = console.form("/ops/sign-out").with_cookie(&session).answer()?;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/ops/sign-in"));
    let cookie = answer.header("set-cookie");
    assert_eq!(cookie, "__Host-ops=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    Ok(())
}

#[test]
fn a_wrong_token_brings_the_form_again_with_the_way_back() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let body = "token=wrong-0123456789abcdef0123456789abcdef&to=%2Fops%2F%3Fmode%3Dtest";
    let answer = console.form("/ops/sign-in").send(body)?;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.says("Nobody has this token") && !answer.says("wrong-0123"));
    assert!(answer.says(r#"name="to" value="/ops/?mode=test""#), "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
    for body in ["", "to=%2Fops%2F", "token", &format!("token=a&token={READ_TOKEN}")] {
        let answer = console.form("/ops/sign-in").send(body)?;
        assert_ne!(answer.status, StatusCode::SEE_OTHER, "{body}");
        assert_eq!(answer.header("set-cookie"), "", "{body}");
    }
    Ok(())
}

#[test]
fn after_signing_in_only_an_address_of_the_console_is_followed() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let location = |to: &str| {
        let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let answer = console.form("/ops/sign-in").send(&format!("token={READ_TOKEN}&to={to}"))?;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        Result::Ok(answer.header("location").to_owned())
    };
    assert_eq!(location("/ops/?mode=test&period=30d")?, "/ops/?mode=test&period=30d");
    for foreign in [
        "https://evil.example/ops/",
        "//evil.example/ops/",
        "/\\evil.example/ops/",
        "/ops\\evil.example",
        "/ops.evil.example/",
        "/opsevil",
        "/",
        "/api/webhooks/stripe",
        "javascript:alert(1)",
        " /ops/",
        "/ops/\r\nset-cookie: a=b",
        "/ops/\u{e9}",
        "/ops/sign-out",
        "/ops/sign-in?to=/ops/",
    ] {
        assert_eq!(location(foreign)?, "/ops/", "{foreign}");
    }
    let form = console.get("/ops/sign-in?to=https%3A%2F%2Fevil.example%2Fops%2F").answer()?;
    assert!(form.says(r#"name="to" value="/ops/""#), "{}", form.body);
    Ok(())
}
