//! Objects that a test supplies whole, instead of telling a story.

use serde_json::Value;

use super::Account;
use crate::stripe::object::{History, Object, ObjectKind};

impl Account {
    /// Shows `whole`, one of Stripe's objects, unchanged from the second of its creation on. It
    /// replaces an object of the same id. It has no events, and no donation is expected for it.
    ///
    /// # Panics
    /// Panics if `whole` lacks its kind, its id or `created`.
    #[expect(
        clippy::expect_used,
        reason = "an object that cannot be shown is a mistake in the test"
    )]
    pub fn show(&mut self, whole: Value) {
        let text = |field: &str| whole.get(field).and_then(Value::as_str).map(str::to_owned);
        let kind = text("object").and_then(|it| ObjectKind::from_name(&it)).expect("a kind");
        let id = text("id").expect("an id");
        let created = whole.get("created").and_then(Value::as_i64).expect("when it was made");
        let pays = whole.pointer("/payment/payment_intent").and_then(Value::as_str);
        if let Some(payment) = pays {
            let all = self.invoice_payments.entry(payment.to_owned()).or_default();
            if !all.contains(&id) {
                all.push(id.clone());
            }
        }
        let charge = text("latest_charge");
        let object = Object { id: id.clone(), charge, ..self.new_object(kind, created, 0, "") };
        let shown = History(vec![(created, Object { whole: Some(whole), ..object })]);
        let shelf = self.objects.entry(kind).or_default();
        match shelf.get_mut(&id) {
            Some(earlier) => *earlier = shown,
            None => shelf.put(&id, created, shown),
        }
    }
}
