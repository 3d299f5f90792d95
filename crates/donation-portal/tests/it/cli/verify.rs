//! `verify`: the verdict of the server and its explanation.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::clock;
use crate::support::event::{self, OTHER_SECRET, SECRET};
use crate::support::home::{PROGRAM, Said, TestHome, finish};
use crate::support::output::Output;
use portal_testkit::signature_cases::{self, REFUSED_AT_START};

/// Runs `verify` for `body` and `header`, with additional `args`.
fn verify(home: &TestHome, header: Option<&str>, body: &[u8], args: &[&str]) -> Result<Said> {
    fs::write(home.path("body"), body)?;
    let header = header.map(|header| ["--header", header]);
    let header = header.as_ref().map_or(&[][..], |it| &it[..]);
    home.run(&[&["verify", "--body", "body"], header, args].concat())
}

/// Returns the hint of `verify` for `body` and `header`.
fn hint(home: &TestHome, header: &str, body: &[u8]) -> Result<String> {
    let said = verify(home, Some(header), body, &["--format", "json"])?;
    let said: Value = serde_json::from_str(&said.stdout)?;
    let hint = said.get("hint").and_then(Value::as_str);
    Ok(hint.ok_or("no hint")?.to_owned())
}

#[test]
fn every_case_gets_the_verdict_that_is_due() -> Result {
    let home = TestHome::new()?;
    let cases = signature_cases::all()?;
    assert!(cases.len() > 50, "{}", cases.len());
    for case in cases {
        let now = case.now.to_string();
        let args = ["--stripe-webhook-secret", &case.secret, "--now", &now, "--format", "json"];
        let said = verify(&home, case.header.as_deref(), &case.body()?, &args)?;
        let (code, verdict) = match case.portal.as_str() {
            REFUSED_AT_START => {
                assert_failed(&said, 2);
                continue;
            }
            "accept" => (0, json!(["accept", null])),
            "reject: no signature header" => (1, json!(["reject", "no_header"])),
            "reject: malformed signature header" => (1, json!(["reject", "malformed_header"])),
            "reject: no signature matches" => (1, json!(["reject", "no_match"])),
            "reject: timestamp outside tolerance" => {
                (1, json!(["reject", "timestamp_outside_tolerance"]))
            }
            other => return Err(format!("an unknown verdict: {other}").into()),
        };
        assert_eq!(said.code, Some(code), "{}: {}", case.name, said.all());
        assert_eq!(said.stdout.lines().count(), 1, "{}", case.name);
        let said: Value = serde_json::from_str(&said.stdout)?;
        assert_eq!(json!([said["verdict"], said["reason"]]), verdict, "{}", case.name);
    }
    Ok(())
}

#[test]
fn a_verdict_reads_well() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let said = verify(&home, Some(&event::signature(&body)?), &body, &[])?;
    assert_done(&said);
    assert!(said.stdout.starts_with("accept"), "{}", said.stdout);
    assert!(said.stdout.contains("200"), "{}", said.stdout);
    let said = verify(&home, None, &body, &[])?;
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.starts_with("reject (no_header)"), "{}", said.stdout);
    assert!(said.stdout.contains("400"), "{}", said.stdout);
    assert!(said.stdout.contains("hint: "), "{}", said.stdout);
    Ok(())
}

#[test]
fn a_body_can_be_piped_in() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    fs::write(home.path("body"), &body)?;
    let signature = event::signature(&body)?;
    let mut verify = home.configured(PROGRAM, &["verify", "--body", "-", "--header", &signature]);
    assert_done(&finish(verify.stdin(fs::File::open(home.path("body"))?))?);
    Ok(())
}

#[test]
fn a_signed_body_that_is_no_event_is_distinguished_from_an_event() -> Result {
    let home = TestHome::new()?;
    let body = b"{}";
    let said = verify(&home, Some(&event::signature(body)?), body, &[])?;
    assert_done(&said);
    assert!(said.stdout.contains("answers 400"), "{}", said.stdout);
    Ok(())
}

#[test]
fn a_changed_body_is_recognised() -> Result {
    let home = TestHome::new()?;
    let body = event::sample("2024-06-20/refund.created.jpy.json")?.body.into_bytes();
    let body = body.trim_ascii_end();
    let signature = event::signature(body)?;
    let text = std::str::from_utf8(body)?;
    let value: Value = serde_json::from_slice(body)?;

    let with_newline = [body, b"\n"].concat();
    assert!(hint(&home, &signature, &with_newline)?.contains("newline was added"));
    let with_bom = [b"\xef\xbb\xbf", body].concat();
    assert!(hint(&home, &signature, &with_bom)?.contains("byte order mark was put"));
    let dos = text.replace('\n', "\r\n");
    assert!(hint(&home, &signature, dos.as_bytes())?.contains("CR LF"));
    let compact = compact(text).into_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&compact)?, value);
    assert!(hint(&home, &signature, &compact)?.contains("re-encoded"));

    let signature = event::signature(&with_newline)?;
    assert!(hint(&home, &signature, body)?.contains("newline at the end of the body was removed"));
    let signature = event::signature(&compact)?;
    assert!(hint(&home, &signature, body)?.contains("re-encoded"));
    Ok(())
}

/// Returns the same JSON in the same order, as a program writes it after parsing.
fn compact(indented: &str) -> String {
    let lines: String = indented.lines().map(str::trim_start).collect();
    lines.replace("\": ", "\":")
}

#[test]
fn another_secret_is_suggested_where_the_body_seems_whole() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let now = event::seconds_from_now(0)?;
    let forged = event::signature_at(now, OTHER_SECRET, &body)?;
    let hint = hint(&home, &forged, &body)?;
    for word in ["secret", "test or live", "stripe listen"] {
        assert!(hint.contains(word), "{hint}");
    }
    Ok(())
}

#[test]
fn the_age_of_a_stale_signature_is_printed() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let moment = event::seconds_from_now(0)?;
    let header = event::signature_at(moment, SECRET, &body)?;
    let at = |seconds: i64| -> Result<Value> {
        let now = (moment.get() + seconds).to_string();
        let args = ["--now", &now, "--format", "json"];
        let said = verify(&home, Some(&header), &body, &args)?;
        assert_eq!(said.code, Some(1));
        Ok(serde_json::from_str(&said.stdout)?)
    };
    let late = at(1234)?;
    assert_eq!(late["reason"], "timestamp_outside_tolerance");
    let hint = late["hint"].as_str().unwrap();
    assert!(hint.contains("1234 s old") && hint.contains("clock"), "{hint}");
    let early = at(-1234)?;
    let hint = early["hint"].as_str().unwrap();
    assert!(hint.contains("1234 s ahead"), "{hint}");
    Ok(())
}

#[test]
fn the_tolerance_is_the_one_that_the_server_would_have() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let header = event::signature_at(event::seconds_from_now(-1000)?, SECRET, &body)?;
    assert_eq!(verify(&home, Some(&header), &body, &[])?.code, Some(1));
    let wider = ["--signature-tolerance-seconds", "3600"];
    assert_done(&verify(&home, Some(&header), &body, &wider)?);
    Ok(())
}

#[test]
fn each_of_several_secrets_counts() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let header = event::signature_at(event::seconds_from_now(0)?, OTHER_SECRET, &body)?;
    let both = format!("{SECRET},{OTHER_SECRET}");
    let args = ["--stripe-webhook-secret", &both];
    assert_done(&verify(&home, Some(&header), &body, &args)?);
    Ok(())
}

#[test]
fn a_text_that_can_be_no_secret_is_tried_and_said() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    for text in
        ["\"whsec_of_this_endpoint\"", "whsec_of_this_endpoint\n", "sk_live_4471", "whsec_…"]
    {
        let header = event::signature_at(event::seconds_from_now(0)?, text, &body)?;
        let said = verify(&home, Some(&header), &body, &["--stripe-webhook-secret", text])?;
        assert_done(&said);
        assert!(said.stdout.starts_with("accept"), "{}", said.stdout);
        let note = "hint: the server does not start with this: STRIPE_WEBHOOK_SECRET: ";
        assert!(said.stdout.contains(note), "{text}: {}", said.stdout);
        let said = verify(&home, Some(&event::signature(&body)?), &body, &["--secret", text])?;
        assert_eq!(said.code, Some(1));
        assert!(said.stdout.contains("; the server does not start with this: "), "{}", said.stdout);
    }
    Ok(())
}

#[test]
fn a_body_past_the_limit_of_the_server_is_not_read() -> Result {
    let home = TestHome::new()?;
    let body = vec![b'x'; 1024 * 1024 + 1];
    let said = verify(&home, Some("t=1,v1=0"), &body, &[])?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("413"), "{}", said.stderr);
    Ok(())
}

#[test]
fn what_was_copied_wrong_is_named() -> Result {
    let home = TestHome::new()?;
    let body = event::payment("evt_1").into_bytes();
    let header = format!("Stripe-Signature: {}", event::signature(&body)?);
    assert!(hint(&home, &header, &body)?.contains("header's name is part of the value"));
    let key = ["--secret", "sk_live_0123456789", "--format", "json"];
    let said = verify(&home, Some(&event::signature(&body)?), &body, &key)?;
    assert!(said.stdout.contains("an API key is given"), "{}", said.stdout);
    Ok(())
}

/// Starts `verify --listen`, posts `body` with `header`, and returns the answer's status and what was
/// printed.
fn caught(header: &str, body: &str) -> Result<(u16, Option<i32>, String)> {
    let home = TestHome::new()?;
    let mut child = home
        .configured(PROGRAM, &["verify", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = Output::of(child.stdout.take().ok_or("no standard output")?);
    let stderr = Output::of(child.stderr.take().ok_or("no standard error")?);
    let address = clock::wait_for("the address", Duration::from_secs(30), || {
        let said = String::from_utf8(stderr.so_far())?;
        let rest = said.split_once("http://").map(|(_, rest)| rest.to_owned());
        Ok(rest.and_then(|it| it.split_once('/').map(|(address, _)| address.to_owned())))
    });
    let answer = address.and_then(|address| {
        let post = |method: &str| -> Result<u16> {
            let mut stream = TcpStream::connect(&address)?;
            write!(
                stream,
                "{method} /any HTTP/1.1\r\nHost: x\r\nStripe-Signature: {header}\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.split(' ').nth(1).ok_or("no status")?.parse()?)
        };
        assert_eq!(post("PUT")?, 405, "another request ends it");
        post("POST")
    });
    if answer.is_err() {
        child.kill()?;
    }
    let code = child.wait()?.code();
    Ok((answer?, code, String::from_utf8(stdout.whole())?))
}

#[test]
fn one_request_is_taken_and_explained() -> Result {
    let body = event::payment("evt_1");
    let signature = event::signature(body.as_bytes())?;
    let (status, code, said) = caught(&signature, &format!("{body}\n"))?;
    assert_eq!((status, code), (400, Some(1)), "{said}");
    assert!(said.contains("a newline was added at the end of the body"), "{said}");
    let (status, code, said) = caught(&signature, &body)?;
    assert_eq!((status, code), (503, Some(0)), "{said}");
    assert!(said.starts_with("accept"), "{said}");
    Ok(())
}
