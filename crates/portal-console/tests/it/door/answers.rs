//! Headers of all answers, bodies that are too large, and errors that repeat nothing.

use http::{Method, StatusCode};
use portal_testkit::Result;

use crate::support::{ACT_TOKEN, Answer, Console, OPERATORS};

/// The headers of console.md: no script, style, frame or form of anybody else.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Answers of each status that the console has, without those of a store that fails.
fn answers(console: &Console) -> Result<Vec<Answer>> {
    let style = console.get("/ops/sign-in").answer()?.body;
    let style = style.split('"').find(|it| it.ends_with(".css")).unwrap().to_owned();
    let form = |body: &str| console.form("/ops/sign-in").send(body);
    let mut answers = vec![
        console.get("/").bearing(ACT_TOKEN).answer()?,
        console.get("/ops/").bearing(ACT_TOKEN).answer()?,
        console.ask(Method::HEAD, "/ops/").bearing(ACT_TOKEN).answer()?,
        console.get(&style).answer()?,
        console.get("/ops/assets/nothing.css").answer()?,
        console.get("/ops/").answer()?,
        console.get("/ops/api/v1/nothing").answer()?,
        console.get("/ops/nothing").bearing(ACT_TOKEN).answer()?,
        console.get("/ops/sign-out").bearing(ACT_TOKEN).answer()?,
        console.get("/ops/").at("evil.example").answer()?,
        console.ask(Method::POST, "/ops/sign-out").answer()?,
        form(&format!("token={ACT_TOKEN}"))?,
        form("nothing=1")?,
        form(&format!("token={}", "a".repeat(FORM_BYTES_MAX)))?,
    ];
    for _ in 0..6 {
        answers.push(form("token=wrong")?);
    }
    Ok(answers)
}

#[test]
fn every_answer_has_the_headers_that_keep_others_out() -> Result {
    let mut seen = std::collections::BTreeSet::new();
    for answer in answers(&Console::new(&[OPERATORS])?)? {
        seen.insert(answer.status.as_u16());
        for (name, value) in HEADERS {
            let all: Vec<_> = answer.headers.get_all(name).iter().collect();
            assert_eq!(all, [value], "{name} {}", answer.status);
        }
        let is_style = answer.header("content-type").starts_with("text/css");
        let cache = if is_style { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), cache, "{}", answer.status);
    }
    let due = [200, 303, 400, 401, 403, 404, 405, 413, 421, 429];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), due);
    Ok(())
}

#[test]
fn pages_have_no_script_and_no_style_of_their_own() -> Result {
    for answer in answers(&Console::new(&[OPERATORS])?)? {
        for inline in ["style=\"", "<style", "onclick", "javascript:", "<script>"] {
            assert!(!answer.says(inline), "{inline} {}", answer.status);
        }
    }
    Ok(())
}

#[test]
fn a_form_of_more_than_64_kib_is_refused() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let send = |bytes: usize| {
        let form = format!("token={ACT_TOKEN}&rest=");
        let rest = "a".repeat(bytes - form.len());
        Result::Ok(console.form("/ops/sign-in").send(&(form + &rest))?.status)
    };
    assert_eq!(send(FORM_BYTES_MAX)?, StatusCode::SEE_OTHER);
    assert_eq!(send(FORM_BYTES_MAX + 1)?, StatusCode::PAYLOAD_TOO_LARGE);
    let act = format!("id={}", "a".repeat(FORM_BYTES_MAX));
    let act = console.form("/ops/api/v1/events/ignore").bearing(ACT_TOKEN).send(&act)?;
    assert_eq!(act.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(act.says("\"code\":\"form_too_large\""), "{}", act.body);
    let other = console.form("/ops/sign-in").without("content-type");
    let other = other.with("content-type", "application/json");
    let status = other.send(&format!(r#"{{"token":"{ACT_TOKEN}"}}"#))?.status;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[test]
fn an_error_repeats_nothing_of_the_request() -> Result {
    let console = Console::new(&[])?;
    let marked = |path: &'static str, method: Method| {
        let asked = console.ask(method, path).with("sec-fetch-site", "same-origin");
        let asked = asked.with("user-agent", "marked-agent").with("referer", "/ops/marked");
        asked.with_cookie("marked=1").with("accept-language", "marked").send("marked=1")
    };
    for (path, method, status) in [
        ("/ops/marked", Method::GET, 404),
        ("/ops/?x=y&marked", Method::DELETE, 405),
        ("/marked", Method::GET, 404),
        ("/ops/nothing?q=%3Cb%3Emarked%3C/b%3E&marked=marked", Method::GET, 404),
        ("/ops/nothing?q=marked", Method::POST, 404),
        ("/ops/sign-out?marked=1", Method::GET, 405),
        ("/ops/assets/marked.css", Method::GET, 404),
        ("/ops/sign-in?marked", Method::POST, 400),
    ] {
        let answer = marked(path, method)?;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(!answer.says("marked") && !format!("{:?}", answer.headers).contains("marked"));
    }
    Ok(())
}

#[test]
fn the_way_back_on_the_page_for_signing_in_cannot_leave_its_place() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let path = "/ops/?mode=test&x=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let answer = console.get(path).answer()?;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!answer.says("<script>alert"), "{}", answer.body);
    assert!(answer.says(r#"value="/ops/?mode=test&amp;x="#), "{}", answer.body);
    Ok(())
}
