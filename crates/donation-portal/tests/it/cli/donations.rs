//! `donations list`, `donations show` and `donations totals`.

use serde_json::{Value, json};

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, home_on, record, uncertain_gift};
use crate::cli::{assert_done, assert_failed, rows};
use crate::support::Result;
use crate::support::home::{On, Said, TestHome};

/// Returns a home with gifts in three currencies, one partly refunded, and a provisional one.
fn home(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let refund = json!({
        "id": "re_1", "object": "refund", "amount": 1000, "currency": "usd",
        "status": "succeeded", "payment_intent": "pi_usd", "charge": "ch_1",
    });
    home_on(
        on,
        &[
            gift("pi_jpy", 5000, "jpy", at),
            gift("pi_usd", 123_456, "usd", at - 1),
            gift("pi_kwd", 1_234_560, "kwd", at - 2),
            uncertain_gift("pi_maybe", 700, "jpy", at + 1),
            event_about("2024-06-20", "refund.created", at + 2, &refund),
        ],
    )
}

/// Returns a home with an invoice and its payment.
fn invoice(on: On) -> Result<TestHome> {
    let invoice = json!({
        "id": "in_1", "object": "invoice", "amount_paid": 2500, "amount_due": 2500,
        "currency": "usd", "status": "paid", "payment_intent": "pi_of_invoice",
        "subscription": "sub_1", "billing_reason": "subscription_cycle",
        "status_transitions": { "paid_at": MIDNIGHT_IN_TOKYO },
    });
    home_on(on, &[event_about("2024-06-20", "invoice.paid", MIDNIGHT_IN_TOKYO, &invoice)])
}

pub(crate) fn lines(said: &Said) -> Result<Vec<Value>> {
    let lines = said.stdout.lines().map(serde_json::from_str);
    Ok(lines.collect::<std::result::Result<_, _>>()?)
}

/// Returns the ids that `donations list` prints with these flags.
fn listed(home: &TestHome, args: &[&str]) -> Result<Vec<String>> {
    let said = home.run(&[&["donations", "list", "--format", "json"], args].concat())?;
    assert_done(&said);
    let ids = lines(&said)?.into_iter();
    Ok(ids.filter_map(|it| it.get("id")?.as_str().map(str::to_owned)).collect())
}

on_each_store! {
    a_table_shows_money_and_times_as_people_write_them
    a_line_of_json_holds_to_its_contract
    csv_has_minor_units_and_decimals_and_nothing_to_quote
    a_period_is_that_of_the_time_zone
    a_list_can_be_narrowed_and_cut
    a_donation_is_shown_with_the_lines_of_its_amount
    the_lines_of_a_donation_are_data_with_a_contract
    a_donation_is_shown_by_every_id_that_belongs_to_it
}

fn a_table_shows_money_and_times_as_people_write_them(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["donations", "list", "--time-zone", "Asia/Tokyo"])?;
    assert_done(&said);
    assert_eq!(
        rows(&said),
        [
            "id kind state amount refunded net when mode remarks",
            "pi_maybe one_time paid 700 JPY 0 JPY 700 JPY 2026-11-22 00:00:01 +09:00 live provisional",
            "pi_jpy one_time paid 5,000 JPY 0 JPY 5,000 JPY 2026-11-22 00:00:00 +09:00 live",
            "pi_usd one_time paid 1,234.56 USD 10.00 USD 1,224.56 USD 2026-11-21 23:59:59 +09:00 live",
            "pi_kwd one_time paid 1,234.560 KWD 0.000 KWD 1,234.560 KWD 2026-11-21 23:59:58 +09:00 live",
        ]
    );
    assert_eq!(said.stderr, "");
    Ok(())
}

fn a_line_of_json_holds_to_its_contract(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["donations", "list", "--currency", "USD", "--format", "json"])?;
    assert_done(&said);
    assert_eq!(
        said.stdout,
        "{\"id\":\"pi_usd\",\"kind\":\"one_time\",\"state\":\"paid\",\"currency\":\"usd\",\
         \"amount\":123456,\"refunded\":1000,\"lost\":0,\"net\":122456,\"dispute\":null,\
         \"provisional\":false,\"out_of_band\":false,\"livemode\":true,\"paid_at\":1795273199}\n"
    );
    Ok(())
}

fn csv_has_minor_units_and_decimals_and_nothing_to_quote(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["donations", "list", "--format", "csv", "--time-zone", "Asia/Tokyo"])?;
    assert_done(&said);
    let csv: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        csv,
        [
            "id,kind,state,currency,amount,refunded,lost,net,amount_decimal,refunded_decimal,\
             lost_decimal,net_decimal,dispute,provisional,out_of_band,livemode,paid_at,paid_on",
            "pi_maybe,one_time,paid,jpy,700,0,0,700,700,0,0,700,,true,false,true,1795273201,2026-11-22",
            "pi_jpy,one_time,paid,jpy,5000,0,0,5000,5000,0,0,5000,,false,false,true,1795273200,2026-11-22",
            "pi_usd,one_time,paid,usd,123456,1000,0,122456,1234.56,10.00,0.00,1224.56,,false,false,true,1795273199,2026-11-21",
            "pi_kwd,one_time,paid,kwd,1234560,0,0,1234560,1234.560,0.000,0.000,1234.560,,false,false,true,1795273198,2026-11-21",
        ]
    );
    for cell in csv.iter().flat_map(|line| line.split(',')) {
        assert!(!cell.contains(['"', '\'', ';', '\t', '\r', ' ']), "{cell}");
        // A cell that begins so would be a formula in a spreadsheet.
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    Ok(())
}

fn a_period_is_that_of_the_time_zone(on: On) -> Result {
    let home = home(on)?;
    let tokyo = ["--time-zone", "Asia/Tokyo"];
    let in_tokyo = |args: &[&str]| listed(&home, &[&tokyo, args].concat());
    assert_eq!(in_tokyo(&["--period", "2026-11-22"])?, ["pi_maybe", "pi_jpy"]);
    assert_eq!(in_tokyo(&["--period", "2026-11-21"])?, ["pi_usd", "pi_kwd"]);
    assert_eq!(in_tokyo(&["--period", "2026-11"])?.len(), 4);
    assert_eq!(in_tokyo(&["--period", "2026"])?.len(), 4);
    assert_eq!(in_tokyo(&["--period", "2026-12"])?, [""; 0]);
    assert_eq!(in_tokyo(&["--since", "2026-11-22"])?, ["pi_maybe", "pi_jpy"]);
    // The end of the period is exclusive.
    assert_eq!(in_tokyo(&["--until", "2026-11-22"])?, ["pi_usd", "pi_kwd"]);
    assert_eq!(in_tokyo(&["--since", "1795273199", "--until", "2026-11-22"])?, ["pi_usd"]);
    assert_eq!(listed(&home, &["--period", "2026-11-21"])?.len(), 4);
    assert_eq!(listed(&home, &["--since", "2026-11-22"])?, [""; 0]);
    assert_eq!(listed(&home, &["--since", "2026-11-22T00:00:01+09:00"])?, ["pi_maybe"]);

    let mut from_environment =
        home.configured(crate::support::home::PROGRAM, &["donations", "list", "--format", "csv"]);
    from_environment.args(["--since", "2026-11-22"]).env("TIME_ZONE", "Asia/Tokyo");
    let said = crate::support::home::finish(&mut from_environment)?;
    assert_eq!(said.stdout.lines().count(), 3, "{}", said.all());
    Ok(())
}

fn a_list_can_be_narrowed_and_cut(on: On) -> Result {
    let home = home(on)?;
    assert_eq!(listed(&home, &["--currency", "kwd"])?, ["pi_kwd"]);
    assert_eq!(listed(&home, &["--provisional"])?, ["pi_maybe"]);
    assert_eq!(listed(&home, &["--certain", "--currency", "jpy"])?, ["pi_jpy"]);
    assert_eq!(listed(&home, &["--state", "paid"])?.len(), 4);
    assert_eq!(listed(&home, &["--state", "pending"])?, [""; 0]);
    assert_eq!(listed(&home, &["--kind", "recurring"])?, [""; 0]);
    assert_eq!(listed(&home, &["--mode", "live"])?.len(), 4);
    assert_eq!(listed(&home, &["--mode", "test"])?, [""; 0]);

    let cut = home.run(&["donations", "list", "--limit", "3", "--format", "json"])?;
    assert_done(&cut);
    assert_eq!(cut.stdout.lines().count(), 3);
    assert!(cut.stderr.contains("more than these 3"), "{}", cut.stderr);
    let whole = home.run(&["donations", "list", "--limit", "4", "--format", "json"])?;
    assert_eq!((whole.stdout.lines().count(), whole.stderr.as_str()), (4, ""));
    Ok(())
}

/// Returns a home with an invoice, its payment and a refund of that payment.
fn refunded_invoice(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let home = invoice(on)?;
    let refund = |id: &str, status: &str, amount: i64| {
        json!({
            "id": id, "object": "refund", "amount": amount, "currency": "usd", "created": at,
            "status": status, "payment_intent": "pi_of_invoice", "charge": "ch_1",
        })
    };
    let payment = json!({
        "id": "pi_of_invoice", "object": "payment_intent", "amount": 2500, "amount_received": 2500,
        "currency": "usd", "status": "succeeded", "invoice": "in_1",
    });
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 2500, "amount_captured": 2500, "captured": true,
        "currency": "usd", "status": "succeeded", "payment_intent": "pi_of_invoice",
    });
    let dispute = json!({
        "id": "du_1", "object": "dispute", "amount": 1500, "currency": "usd",
        "status": "needs_response", "payment_intent": "pi_of_invoice", "charge": "ch_1",
    });
    let session = json!({
        "id": "cs_1", "object": "checkout.session", "mode": "subscription", "status": "complete",
        "payment_status": "paid", "amount_total": 2500, "currency": "usd", "payment_intent": null,
        "invoice": "in_1", "subscription": "sub_1",
    });
    let events = [
        event_about("2024-06-20", "payment_intent.succeeded", at, &payment),
        event_about("2024-06-20", "charge.succeeded", at, &charge),
        event_about("2024-06-20", "refund.created", at + 1, &refund("re_1", "succeeded", 1000)),
        event_about("2024-06-20", "refund.failed", at + 2, &refund("re_2", "failed", 500)),
        event_about("2024-06-20", "charge.dispute.created", at + 3, &dispute),
        event_about("2024-06-20", "checkout.session.completed", at + 4, &session),
    ];
    record(&home, &events, at)?;
    Ok(home)
}

fn a_donation_is_shown_with_the_lines_of_its_amount(on: On) -> Result {
    let home = refunded_invoice(on)?;
    let text = home.run(&["donations", "show", "in_1", "--time-zone", "Asia/Tokyo"])?;
    assert_done(&text);
    assert_eq!(
        text.stdout,
        "\
in_1  recurring · paid 2026-11-22 00:00:00 +09:00 · live · dispute open
   25.00 USD  paid: payment pi_of_invoice, linked by field             evt_pi_of_invoice_payment_intent_succeeded
  -10.00 USD  refunded: refund re_1 of charge ch_1                     evt_re_1_refund_created
   15.00 USD  net: 25.00 USD given, 10.00 USD refunded, 0.00 USD lost
does not count:
  25.00 USD  invoice in_1 says so: its payments add up to as much  evt_in_1_invoice_paid
   5.00 USD  refund re_2 of charge ch_1: failed                    evt_re_2_refund_failed
  15.00 USD  dispute du_1 of payment pi_of_invoice: open           evt_du_1_charge_dispute_created
events: donation-portal events list --object in_1
"
    );
    Ok(())
}

fn the_lines_of_a_donation_are_data_with_a_contract(on: On) -> Result {
    let home = refunded_invoice(on)?;
    let listed = home.run(&["donations", "list", "--format", "json"])?;
    let shown = home.run(&["donations", "show", "in_1", "--format", "json"])?;
    assert_done(&shown);
    // The keys are those of the list, in the same order, followed by the lines.
    let listed = listed.stdout.trim_end().trim_end_matches('}');
    assert!(shown.stdout.starts_with(&format!("{listed},\"lines\":[")), "{}", shown.stdout);
    let shown = &lines(&shown)?[0];
    assert_eq!(shown["shared_with"], json!([]));
    let counted: Vec<_> = shown["lines"].as_array().ok_or("no lines")?.iter().collect();
    assert_eq!(counted.len(), 5);
    assert_eq!(
        *counted[2],
        json!({
            "counts_in": "refunded", "kind": "refund", "id": "re_1", "state": "succeeded",
            "amount": 1000, "currency": "usd", "counted": -1000, "reason": null,
            "payment": "pi_of_invoice", "charge": "ch_1", "linked_by": null,
            "event": "evt_re_1_refund_created",
        })
    );
    let kinds: Vec<_> = counted.iter().map(|it| (&it["kind"], &it["reason"])).collect();
    let due = [
        (json!("payment"), Value::Null),
        (json!("invoice"), json!("in_payments")),
        (json!("refund"), Value::Null),
        (json!("refund"), json!("state")),
        (json!("dispute"), json!("state")),
    ];
    assert_eq!(kinds, due.each_ref().map(|(kind, reason)| (kind, reason)));
    let net: i64 = counted.iter().filter_map(|it| it["counted"].as_i64()).sum();
    assert_eq!(json!(net), shown["net"]);
    Ok(())
}

fn a_donation_is_shown_by_every_id_that_belongs_to_it(on: On) -> Result {
    let home = refunded_invoice(on)?;
    let by_invoice = home.run(&["donations", "show", "in_1", "--format", "json"])?;
    assert_done(&by_invoice);
    for id in ["pi_of_invoice", "ch_1", "re_2", "du_1", "cs_1", "evt_re_1_refund_created"] {
        let shown = home.run(&["donations", "show", id, "--format", "json"])?;
        assert_eq!((&shown.stdout, &*shown.stderr), (&by_invoice.stdout, ""), "{id}");
    }
    for (id, look) in [
        ("pi_none", "donation-portal events list --object pi_none"),
        ("evt_none", "donation-portal events show evt_none"),
    ] {
        let none = home.run(&["donations", "show", id])?;
        assert_failed(&none, 1);
        for said in [look, "a charge, a refund, a credit note, a dispute, a Checkout session"] {
            assert!(none.stderr.contains(said), "{}", none.stderr);
        }
    }
    Ok(())
}
