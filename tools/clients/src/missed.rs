//! Payments that localstripe has posted to nobody are found by asking it.

use std::path::Path;
use std::time::Duration;

use portal_harness::server::Setup;
use serde_json::Value;
use xtask::run::Failure;

use crate::listen::API_KEY;
use crate::localstripe::Localstripe;

/// A gift and the first payment of a monthly one, while no webhook is registered; then `reconcile`.
///
/// localstripe lists events only, without types and the oldest first: they are found and counted all
/// the same, and the report says what it could not see.
pub(crate) fn missed(setup: &Setup, folder: &Path) -> Result<(), Failure> {
    let stripe = Localstripe::start(folder)?;
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123";
    let card = stripe.make("/v1/payment_methods", card)?;
    let gift = format!("amount=5000&currency=jpy&payment_method={card}&confirm=true");
    let gift = stripe.make("/v1/payment_intents", &gift)?;
    let donor = stripe.make("/v1/customers", "email=donor@example.org")?;
    stripe.post(&format!("/v1/payment_methods/{card}/attach"), &format!("customer={donor}"))?;
    let pays = format!("invoice_settings[default_payment_method]={card}");
    stripe.post(&format!("/v1/customers/{donor}"), &pays)?;
    stripe.post("/v1/products", "id=gift&name=Gift&type=service")?;
    let monthly = "id=monthly&amount=1000&currency=jpy&interval=month&product=gift";
    stripe.post("/v1/plans", monthly)?;
    stripe.post("/v1/subscriptions", &format!("customer={donor}&items[0][plan]=monthly"))?;

    // Events of this second are not asked for yet.
    std::thread::sleep(Duration::from_secs(2));
    let report = setup.reconcile(API_KEY, &format!("http://{}", stripe.address))?;
    println!("{report}");
    let unread = report.get("unread").and_then(Value::as_array).map_or(0, Vec::len);
    if report.get("verdict").and_then(Value::as_str) != Some("unknown") || unread == 0 {
        return Err("localstripe has no list of links: the report should say so".into());
    }
    let mut given: Vec<_> = setup.donations()?.iter().map(kind_and_amount).collect();
    given.sort();
    let due = [("one_time".to_owned(), 5000), ("recurring".to_owned(), 1000)];
    if given != due {
        return Err(format!("{due:?} was given ({gift} among it), and there is {given:?}").into());
    }
    Ok(())
}

fn kind_and_amount(donation: &Value) -> (String, i64) {
    let kind = donation.get("kind").and_then(Value::as_str).unwrap_or_default();
    (kind.to_owned(), donation.get("amount").and_then(Value::as_i64).unwrap_or_default())
}
