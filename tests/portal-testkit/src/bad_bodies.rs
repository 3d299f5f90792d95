//! Signed bodies that are no events, with the expected reason.

/// A short event, in the order in which Stripe writes its keys.
pub const EVENT: &str = r#"{"id":"evt_1","object":"event","created":1760000000,"data":{"object":{"id":"pi_1","object":"payment_intent","amount":500}},"livemode":true,"type":"payment_intent.succeeded"}"#;

/// A part of [`EVENT`] that may be missing: nothing depends on the object's own name.
pub const OBJECT_NAME: &str = r#""object":"payment_intent","#;

/// A body that is no event.
pub struct BadBody {
    /// A description of the error.
    pub what: String,
    pub body: Vec<u8>,
    /// The name of the expected reason.
    pub reason: &'static str,
}

/// Returns every case.
pub fn all() -> Vec<BadBody> {
    let mut all = Vec::new();
    for (body, reason) in WHOLE {
        let what = format!("the body is {}", body.escape_ascii());
        all.push(BadBody { what, body: body.to_vec(), reason });
    }
    for (reason, fields) in CHANGED {
        for (field, changed) in fields {
            assert!(EVENT.contains(field), "{field}");
            let what = format!("{changed:?} stands for {field}");
            let body = EVENT.replacen(field, changed, 1);
            let nameless = body.replacen(OBJECT_NAME, "", 1);
            all.push(BadBody { what: what.clone(), body: body.into(), reason });
            all.push(BadBody { what, body: nameless.into(), reason });
        }
    }
    all.extend(built().into_iter().map(|(what, body, reason)| BadBody {
        what: what.into(),
        body,
        reason,
    }));
    all
}

/// Whole bodies.
const WHOLE: [(&[u8], &str); 22] = [
    (b"", "not_json"),
    (b" \r\n\t", "not_json"),
    (b"not JSON", "not_json"),
    (b"id=evt_1&object=event", "not_json"),
    (b"{'id':'evt_1','object':'event'}", "not_json"),
    (b"{", "not_json"),
    (b"{]", "not_json"),
    (b"NaN", "not_json"),
    (b"\0", "not_json"),
    (b"{\"id\":\"evt_1\",\"object\":\"eve\nnt\"}", "not_json"),
    (b"\xff", "not_utf8"),
    (b"{\"id\":\"evt_1\xc3\"}", "not_utf8"),
    (b"{\"id\":\"\xed\xa0\x80\"}", "not_utf8"),
    (b"\xff\xfe{\0}\0", "not_utf8"),
    (b"[]", "not_an_event"),
    (b" [{}]", "not_an_event"),
    (b"{}", "not_an_event"),
    (b"\"x\"", "not_an_event"),
    (b"null", "not_an_event"),
    (b"true", "not_an_event"),
    (b"1", "not_an_event"),
    (b"1.5", "not_an_event"),
];

/// Changes of one field of [`EVENT`], by the expected reason.
const CHANGED: [(&str, &[(&str, &str)]); 4] = [
    ("not_an_event", NOT_AN_EVENT),
    ("other_object", OTHER_OBJECT),
    ("unreadable_object", UNREADABLE_OBJECT),
    ("not_json", NOT_JSON),
];

const NOT_AN_EVENT: &[(&str, &str)] = &[
    // A field that every event has is missing.
    (r#""id":"evt_1""#, r#""x":0"#),
    (r#""object":"event""#, r#""x":0"#),
    (r#""type":"payment_intent.succeeded""#, r#""x":0"#),
    (r#""created":1760000000"#, r#""x":0"#),
    (r#""livemode":true"#, r#""x":0"#),
    // The field occurs twice.
    (r#""id":"evt_1""#, r#""id":"evt_1","id":"evt_1""#),
    (r#""id":"evt_1""#, r#""id":"evt_1","\u0069d":"evt_2""#),
    (r#""object":"event""#, r#""object":"event","object":"event""#),
    (r#""livemode":true"#, r#""livemode":true,"livemode":false"#),
    (r#""created":"#, r#""created":1,"created":"#),
    (r#""type":"#, r#""type":"charge.failed","type":"#),
    (r#""data":"#, r#""data":{"object":{"id":"pi_2","amount":1}},"data":"#),
    (r#""object":{"#, r#""object":{"id":"pi_2","amount":1},"object":{"#),
    // The value does not fit.
    (r#""evt_1""#, r#""""#),
    (r#""evt_1""#, r#""evt_1 ""#),
    (r#""evt_1""#, r#""evt 1""#),
    (r#""evt_1""#, r#""evt_1\n""#),
    (r#""evt_1""#, r#""evt_1\u0000""#),
    (r#""evt_1""#, r#""evt_寄付""#),
    (r#""evt_1""#, r#""evt_é""#),
    (r#""evt_1""#, r#""evt_1'--""#),
    (r#""evt_1""#, r#""../evt_1""#),
    (r#""evt_1""#, r#""hanako@example.org""#),
    (r#""evt_1""#, "1"),
    (r#""evt_1""#, "null"),
    (r#""evt_1""#, r#"["evt_1"]"#),
    (r#""event""#, "null"),
    (r#""event""#, "1"),
    (r#""event""#, r#"["event"]"#),
    (r#""payment_intent.succeeded""#, r#""Payment_intent.succeeded""#),
    (r#""payment_intent.succeeded""#, r#""PAYMENT_INTENT.SUCCEEDED""#),
    (r#""payment_intent.succeeded""#, r#""hanako@example.org""#),
    (r#""payment_intent.succeeded""#, r#""payment_intent succeeded""#),
    (r#""payment_intent.succeeded""#, r#""payment_intent.succeeded\n""#),
    (r#""payment_intent.succeeded""#, r#""寄付""#),
    (r#""payment_intent.succeeded""#, r#""""#),
    (r#""payment_intent.succeeded""#, "null"),
    (r#""payment_intent.succeeded""#, "7"),
    ("1760000000", "1760000000.0"),
    ("1760000000", "1.76e9"),
    ("1760000000", "253402300800"),
    ("1760000000", "-999999999999"),
    ("1760000000", "9223372036854775808"),
    ("1760000000", "100000000000000000000"),
    ("1760000000", r#""1760000000""#),
    ("1760000000", r#""yesterday""#),
    ("1760000000", r#""""#),
    ("1760000000", "null"),
    ("1760000000", "true"),
    ("1760000000", "[1760000000]"),
    (r#""livemode":true"#, r#""livemode":"true""#),
    (r#""livemode":true"#, r#""livemode":1"#),
    (r#""livemode":true"#, r#""livemode":null"#),
    // The account is unreadable.
    (r#""livemode":true"#, r#""livemode":true,"account":7"#),
    (r#""livemode":true"#, r#""livemode":true,"account":false"#),
    (r#""livemode":true"#, r#""livemode":true,"account":{"id":"acct_1"}"#),
    (r#""livemode":true"#, r#""livemode":true,"account":["acct_1"]"#),
    (r#""livemode":true"#, r#""livemode":true,"account":"""#),
    (r#""livemode":true"#, r#""livemode":true,"account":"hanako@example.org""#),
    (r#""livemode":true"#, r#""livemode":true,"context":7"#),
    (r#""livemode":true"#, r#""livemode":true,"context":"""#),
    (r#""livemode":true"#, r#""livemode":true,"context":"acct 1""#),
    (r#""livemode":true"#, r#""livemode":true,"account":null,"account":null"#),
];

const OTHER_OBJECT: &[(&str, &str)] = &[
    (r#""event""#, r#""""#),
    (r#""event""#, r#""Event""#),
    (r#""event""#, r#""events""#),
    (r#""event""#, r#""list""#),
    (r#""event""#, r#""charge""#),
    (r#""event""#, r#""v1.core.event""#),
    (r#""event""#, r#""v2.core.event ""#),
];

const UNREADABLE_OBJECT: &[(&str, &str)] = &[
    // The object is missing.
    (r#""data":{"object":{"id":"pi_1","object":"payment_intent","amount":500}}"#, r#""x":0"#),
    (r#"{"object":{"id":"pi_1","object":"payment_intent","amount":500}}"#, "null"),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, "null"),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, "{}"),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, "[]"),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, r#"["pi_1",500]"#),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, r#""pi_1""#),
    (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, "500"),
    // The object has no id.
    (r#""id":"pi_1","#, ""),
    (r#""pi_1""#, "null"),
    (r#""pi_1""#, "1"),
    (r#""pi_1""#, r#""""#),
    (r#""pi_1""#, r#""pi 1""#),
    (r#""pi_1""#, r#""hanako@example.org""#),
    (r#""pi_1""#, r#"{"id":"pi_1"}"#),
    // A fact of the object occurs twice.
    (r#""amount":500"#, r#""amount":500,"amount":500"#),
    (r#""amount":500"#, r#""amount":500,"amount":5000"#),
    (r#""amount":500"#, r#""amount":500,"\u0061mount":5000"#),
    (r#""id":"pi_1""#, r#""id":"pi_1","id":"pi_1""#),
    (r#""id":"pi_1""#, r#""id":"pi_1","currency":"jpy","currency":"usd""#),
    // The object's amount is no integer, or out of range.
    (":500", r#":"500""#),
    (":500", ":500.0"),
    (":500", ":5e2"),
    (":500", ":1e400"),
    (":500", ":9223372036854775808"),
    (":500", ":-9223372036854775809"),
    (":500", ":true"),
    (":500", ":{}"),
];

const NOT_JSON: &[(&str, &str)] = &[
    ("1760000000", "1e400"),
    ("1760000000", "01760000000"),
    ("1760000000", "0x68e77800"),
    ("1760000000", "+1760000000"),
    ("true", "True"),
    (":500", ":500,"),
    (":500", ":"),
    (r#""pi_1""#, "pi_1"),
    (r#""evt_1""#, "\"evt_1\n\""),
    (r#""evt_1""#, "\"evt_1\0\""),
    (r#""evt_1""#, r#""evt_\x31""#),
    (r#""evt_1""#, r#""evt_\ud800""#),
];

fn built() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let event = EVENT.as_bytes();
    let cut = EVENT.strip_suffix('}').unwrap_or_default();
    let half = EVENT.split_once(r#""livemode""#).unwrap_or_default().0;
    let with = |field: &str, changed: &str| EVENT.replacen(field, changed, 1).into_bytes();
    let deep = |brackets: usize| format!("{}{}", "[".repeat(brackets), "]".repeat(brackets));
    let extra = |value: &str| with(r#""livemode""#, &format!(r#""extra":{value},"livemode""#));
    vec![
        ("the body has a byte order mark", [b"\xef\xbb\xbf", event].concat(), "not_json"),
        ("the body breaks off", cut.into(), "not_json"),
        ("the body breaks off in the middle", half.into(), "not_json"),
        ("a letter follows the event", [event, b"x"].concat(), "not_json"),
        ("a NUL follows the event", [event, b"\0"].concat(), "not_json"),
        ("a second event follows", [event, event].concat(), "not_json"),
        ("the events are in a list", [b"[", event, b"]"].concat(), "not_an_event"),
        ("the id has 256 characters", with("evt_1", &"e".repeat(256)), "not_an_event"),
        ("the type has 129 characters", with("payment_intent.", &"p".repeat(120)), "not_an_event"),
        ("arrays stand 129 deep", extra(&deep(128)), "too_deep"),
        ("arrays stand 10,000 deep", extra(&deep(10_000)), "too_deep"),
        (
            "objects stand 129 deep",
            extra(&[r#"{"x":"#.repeat(128), "1".into(), "}".repeat(128)].concat()),
            "too_deep",
        ),
        (
            "an unknown field of the object is 129 deep",
            with(":500", &format!(":500,\"x\":{}", deep(126))),
            "too_deep",
        ),
        ("100,000 brackets are opened", vec![b'['; 100_000], "too_deep"),
    ]
}
