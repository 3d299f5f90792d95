//! Personal data of an invented donor. Every object carries some of it.

use serde_json::{Value, json};

pub(crate) const NAME: &str = "寄付 太郎 Canary-Taro";
pub(crate) const EMAIL: &str = "taro.canary-5519@example.org";
const EMAIL_IN_URL: &str = "taro.canary-5519%40example.org";
const PHONE: &str = "+81 90-0000-5519";
const LINE: &str = "4-5-6 Canary-machi";
const POSTAL_CODE: &str = "100-5519";
const DISPLAY_NAME: &str = "太郎🌸Canary5519";
pub(crate) const MESSAGE: &str = "祖父の思い出に canary-msg-5519";
pub(crate) const DESCRIPTION: &str = "Gift of Canary-Taro 5519";
pub(crate) const IP: &str = "203.0.113.55";
pub(crate) const CLIENT_SECRET: &str = "secret_Canary5519xYz";
const FINGERPRINT: &str = "FpCanary5519cRtY";
const HOSTED_PAGE: &str = "live_Canary5519Page";
pub(crate) const IDEMPOTENCY_KEY: &str = "gift-by-canary-5519";
pub(crate) const BANK: &str = "CANARY BANK 5519";
pub(crate) const BANK_ACCOUNT: &str = "ba_Canary5519BankAccount";
pub(crate) const TRACE: &str = "CANARYTRACE5519";
const TREASURER: &str = "Canary-Keiko-5519";
const ACCOUNT_HOLDER: &str = "カナリアキフ5519";

/// Strings in objects and events that must never appear in the output of a reader.
pub const CANARIES: [&str; 19] = [
    NAME,
    EMAIL,
    EMAIL_IN_URL,
    PHONE,
    LINE,
    POSTAL_CODE,
    DISPLAY_NAME,
    MESSAGE,
    DESCRIPTION,
    IP,
    CLIENT_SECRET,
    FINGERPRINT,
    HOSTED_PAGE,
    IDEMPOTENCY_KEY,
    BANK,
    BANK_ACCOUNT,
    TRACE,
    TREASURER,
    ACCOUNT_HOLDER,
];

pub(crate) fn address() -> Value {
    json!({
        "city": "Example-shi", "country": "JP", "line1": LINE, "line2": null,
        "postal_code": POSTAL_CODE, "state": "Tokyo",
    })
}

/// `billing_details` of a charge, and with two more fields `customer_details` of a session.
pub(crate) fn person() -> Value {
    json!({"address": address(), "email": EMAIL, "name": NAME, "phone": PHONE})
}

pub(crate) fn metadata() -> Value {
    json!({"campaign": "spring-2026", "display_name": DISPLAY_NAME, "message": MESSAGE})
}

pub(crate) fn card(brand: &str) -> Value {
    json!({"brand": brand, "exp_month": 11, "exp_year": 2030, "fingerprint": FINGERPRINT, "last4": "5519"})
}

/// `description` of a payout.
pub(crate) fn payout() -> String {
    format!("STRIPE PAYOUT 経理 {TREASURER}")
}

/// `destination` of a payout, if it is expanded.
pub(crate) fn bank_account() -> Value {
    json!({
        "id": BANK_ACCOUNT, "object": "bank_account", "account_holder_name": ACCOUNT_HOLDER,
        "account_holder_type": "company", "bank_name": BANK, "country": "JP", "currency": "jpy",
        "fingerprint": FINGERPRINT, "last4": "5519", "metadata": metadata(),
        "routing_number": "5519001", "status": "errored",
    })
}

pub(crate) fn receipt_url() -> String {
    format!("https://pay.stripe.com/receipts/payment/R5519?email={EMAIL_IN_URL}")
}

pub(crate) fn hosted_page() -> String {
    format!("https://invoice.stripe.com/i/acct_1Standin/{HOSTED_PAGE}?s=ap")
}

/// The fields of an invoice that identify the customer.
pub(crate) fn customer() -> [(&'static str, Value); 4] {
    [
        ("customer_address", address()),
        ("customer_email", json!(EMAIL)),
        ("customer_name", json!(NAME)),
        ("customer_phone", json!(PHONE)),
    ]
}
