//! Objects that a test supplies whole, instead of telling a story.

use serde_json::Value;

use super::Account;
use crate::stripe::object::{Feature, History, Object, ObjectKind};

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
        let by_hand = whole.get("automatic").and_then(Value::as_bool) == Some(false);
        let feature = by_hand.then_some(Feature::ByHand);
        let object =
            Object { id: id.clone(), charge, feature, ..self.new_object(kind, created, 0, "") };
        let shown = History(vec![(created, Object { whole: Some(whole), ..object })]);
        let shelf = self.objects.entry(kind).or_default();
        match shelf.get_mut(&id) {
            Some(earlier) => *earlier = shown,
            None => shelf.put(&id, created, shown),
        }
    }
    /// Shows a payment, and names its charge if one was shown.
    pub(crate) fn show_payment(&mut self, mut whole: Value) {
        let of_payment = |it: &&Object| {
            let charge = it.whole.as_ref();
            charge.is_some_and(|it| it.get("payment_intent") == whole.get("id"))
        };
        let charge = self.all_objects(ObjectKind::Charge, i64::MAX).find(of_payment);
        let charge = charge.map(|it| it.id.clone());
        if let Some(fields) = whole.as_object_mut() {
            fields.insert("latest_charge".into(), charge.into());
        }
        self.show(whole);
    }
}
