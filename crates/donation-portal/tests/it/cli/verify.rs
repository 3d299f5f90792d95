//! `verify`: the verdict of the server and its explanation.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use portal_testkit::events::signature_at;
use portal_testkit::signature_cases::{self, REFUSED_AT_START};
use serde_json::{Value, json};

use crate::cli::ledger::MIDNIGHT_IN_TOKYO;
use crate::support::Result;
use crate::support::clock;
use crate::support::event::{OTHER_SECRET, SECRET, payment, sample, signature};
use crate::support::home::{PROGRAM, TestHome};
use crate::support::output::Output;

transcripts! { "verify", once;
    home =>
        a_verdict_reads_well
        a_body_can_be_piped_in
        a_signed_body_that_is_no_event_is_distinguished_from_an_event
        a_header_pasted_with_its_name_is_recognised
        a_changed_body_is_recognised
        another_secret_is_suggested_where_the_body_seems_whole
        the_age_of_a_stale_signature_is_printed
        the_tolerance_is_the_one_that_the_server_would_have
        each_of_several_secrets_counts
        a_text_that_can_be_no_secret_is_tried_and_said
        a_body_past_the_limit_of_the_server_is_not_read;
}

/// Returns a home with bodies in files. `$REFUND` is the header of the body in the file `refund`, signed
/// at `$NOW`; `$FORGED` and `$QUOTED` are headers of `payment` by other secrets.
fn home() -> Result<TestHome> {
    let now = MIDNIGHT_IN_TOKYO;
    let signed = |body: &str, secret: &str| signature_at(now, secret, body.as_bytes());
    let payment = payment("evt_1");
    let mut home = TestHome::new()?
        .set("NOW", now.to_string())
        .set("OTHER_SECRET", OTHER_SECRET)
        .set("FORGED", signed(&payment, OTHER_SECRET))
        .set("QUOTED", signed(&payment, "\"whsec_of_this_endpoint\""))
        .set("NEWLINE", signed(&payment, "whsec_of_this_endpoint\n"))
        .set("KEY", signed(&payment, "sk_live_4471"))
        .set("CUT", signed(&payment, "whsec_…"));
    let refund = sample("2024-06-20/refund.created.jpy.json")?.body;
    let refund = refund.trim_end();
    // The same JSON in the same order, as a program writes it after parsing.
    let compact: String = refund.lines().map(str::trim_start).collect();
    let compact = compact.replace("\": ", "\":");
    assert_eq!(serde_json::from_str::<Value>(&compact)?, serde_json::from_str::<Value>(refund)?);
    for (name, body) in [
        ("payment", payment),
        ("nothing", "{}".to_owned()),
        ("refund", refund.to_owned()),
        ("with_newline", format!("{refund}\n")),
        ("with_mark", format!("\u{feff}{refund}")),
        ("dos", refund.replace('\n', "\r\n")),
        ("compact", compact),
    ] {
        fs::write(home.path(name), &body)?;
        home = home.set(&name.to_uppercase(), signed(&body, SECRET));
    }
    Ok(home)
}

#[test]
fn every_case_gets_the_verdict_that_is_due() -> Result {
    let home = TestHome::new()?;
    let cases = signature_cases::all()?;
    assert!(cases.len() > 50, "{}", cases.len());
    for case in cases {
        fs::write(home.path("body"), case.body()?)?;
        let now = case.now.to_string();
        let args = ["verify", "--body", "body", "--now", &now, "--format", "json"];
        let header = case.header.as_ref().map(|it| ["--header", it]);
        let secret = ["--stripe-webhook-secret", &case.secret];
        let header = header.as_ref().map_or(&[][..], |it| &it[..]);
        let said = home.run(&[&args[..], header, &secret].concat())?;
        let (code, verdict) = match case.portal.as_str() {
            REFUSED_AT_START => (2, None),
            "accept" => (0, Some(json!(["accept", null]))),
            "reject: no signature header" => (1, Some(json!(["reject", "no_header"]))),
            "reject: malformed signature header" => {
                (1, Some(json!(["reject", "malformed_header"])))
            }
            "reject: no signature matches" => (1, Some(json!(["reject", "no_match"]))),
            "reject: timestamp outside tolerance" => {
                (1, Some(json!(["reject", "timestamp_outside_tolerance"])))
            }
            other => return Err(format!("an unknown verdict: {other}").into()),
        };
        assert_eq!(said.code, Some(code), "{}: {}", case.name, said.all());
        let lines: Vec<Value> =
            said.stdout.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
        let verdicts = lines.iter().map(|it| json!([it["verdict"], it["reason"]]));
        assert!(verdicts.eq(verdict), "{}: {}", case.name, said.stdout);
    }
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
    let body = payment("evt_1");
    let signature = signature(body.as_bytes())?;
    let (status, code, said) = caught(&signature, &format!("{body}\n"))?;
    assert_eq!((status, code), (400, Some(1)), "{said}");
    assert!(said.contains("a newline was added at the end of the body"), "{said}");
    let (status, code, said) = caught(&signature, &body)?;
    assert_eq!((status, code), (503, Some(0)), "{said}");
    assert!(said.starts_with("accept"), "{said}");
    Ok(())
}
