//! The host that is asked for, and the site that a form comes from.

use http::{Method, StatusCode};
use portal_testkit::Result;

use crate::support::{ACT_TOKEN, Console, OPERATORS};

const STRANGERS: [&str; 7] = [
    "evil.example",
    "evil.example:8788",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8788",
    "127.0.0.1@evil.example",
    "0.0.0.0:8788",
    "",
];

#[test]
fn under_a_name_that_is_not_the_consoles_nothing_is_shown() -> Result {
    // Without tokens this is what stops a site whose name leads to this machine.
    for console in [Console::new(&[])?, Console::new(&[OPERATORS])?] {
        let page = console.get("/ops/sign-in").answer()?.body;
        let style = page.split('"').find(|it| it.ends_with(".css")).unwrap().to_owned();
        assert_eq!(console.get(&style).answer()?.status, StatusCode::OK);
        for host in STRANGERS {
            for path in ["/", "/ops/", "/ops/sign-in", "/ops/nothing", &style, "/ops/api/v1/x"] {
                let answer = console.get(path).at(host).bearing(ACT_TOKEN).answer()?;
                assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
                assert!(!answer.says("evil") && !answer.says("Last donations"));
            }
            let sent = format!("token={ACT_TOKEN}");
            let form = console.form("/ops/sign-in").at(host).send(&sent)?;
            assert_eq!(form.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
            assert_eq!(form.header("set-cookie"), "");
        }
    }
    Ok(())
}

#[test]
fn the_console_answers_on_this_machine_and_under_the_names_that_are_set() -> Result {
    let console = Console::new(&[
        ("CONSOLE_URL", "https://Console.example.org/"),
        ("OPERATOR_HOSTS", "ops.internal,10.0.0.1:9000"),
    ])?;
    for host in [
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost:8788",
        "LocalHost",
        "[::1]:8788",
        "console.example.org",
        "CONSOLE.example.org:443",
        "ops.internal:8788",
        "10.0.0.1:9000",
    ] {
        assert_eq!(console.get("/ops/").at(host).answer()?.status, StatusCode::OK, "{host}");
    }
    for host in ["10.0.0.1", "10.0.0.1:9001", "example.org", "x.ops.internal"] {
        let answer = console.get("/ops/").at(host).answer()?;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    Ok(())
}

/// The headers of a form of this origin, or of another, as browsers send them.
fn status(console: &Console, host: &str, headers: &[(&'static str, &str)]) -> Result<StatusCode> {
    let asked = console
        .ask(Method::POST, "/ops/sign-in")
        .at(host)
        .with("content-type", "application/x-www-form-urlencoded");
    let asked = headers.iter().fold(asked, |asked, (name, value)| asked.with(name, *value));
    Ok(asked.send(&format!("token={ACT_TOKEN}"))?.status)
}

#[test]
fn a_form_of_the_console_itself_is_taken() -> Result {
    let console = Console::new(&[OPERATORS, ("CONSOLE_URL", "https://console.example.org")])?;
    for (host, headers) in [
        ("127.0.0.1:8788", &[("sec-fetch-site", "same-origin")][..]),
        ("console.example.org", &[("sec-fetch-site", "same-origin"), ("origin", "null")]),
        ("127.0.0.1:8788", &[("origin", "http://127.0.0.1:8788")]),
        ("console.example.org", &[("origin", "https://console.example.org")]),
        ("Console.Example.org", &[("origin", "https://console.example.org")]),
    ] {
        assert_eq!(status(&console, host, headers)?, StatusCode::SEE_OTHER, "{host} {headers:?}");
    }
    Ok(())
}

#[test]
fn a_form_of_another_site_is_refused_whoever_is_signed_in() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let session = console.sign_in(ACT_TOKEN)?;
    let host = "127.0.0.1:8788";
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8788")],
        &[("origin", "https://evil.example")],
        &[("origin", "http://127.0.0.1:8787")],
        &[("origin", "http://127.0.0.1:8788.evil.example")],
        &[("origin", "127.0.0.1:8788")],
        &[("origin", "null")],
        &[("origin", "")],
        &[("referer", "http://127.0.0.1:8788/ops/")],
        &[],
    ] {
        assert_eq!(status(&console, host, headers)?, StatusCode::FORBIDDEN, "{headers:?}");
        let asked = console.ask(Method::POST, "/ops/sign-out").with_cookie(&session);
        let asked = headers.iter().fold(asked, |asked, (name, value)| asked.with(name, *value));
        let answer = asked.answer()?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(answer.says("The form does not come from the console") && !answer.says("evil"));
        assert_eq!(answer.header("set-cookie"), "", "{headers:?}");
    }
    Ok(())
}

#[test]
fn methods_other_than_reading_are_judged_as_forms_are() -> Result {
    let console = Console::new(&[])?;
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let answer = console.ask(method.clone(), "/ops/").with("origin", "null").answer()?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
    }
    // A link of another site may open a page, which changes nothing.
    let link = console.get("/ops/").with("sec-fetch-site", "cross-site").answer()?;
    assert_eq!(link.status, StatusCode::OK);
    Ok(())
}

#[test]
fn a_program_needs_neither_header_for_the_api_and_a_browser_cannot_leave_them_out() -> Result {
    let console = Console::new(&[])?;
    let api = || console.ask(Method::POST, "/ops/api/v1/nothing");
    assert_eq!(api().answer()?.status, StatusCode::NOT_FOUND);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "null")] {
        let answer = api().with(name, value).answer()?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        assert!(answer.says(r#""code":"cross_site""#), "{}", answer.body);
    }
    Ok(())
}
