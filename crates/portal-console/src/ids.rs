//! Ids on pages: where they lead here and at Stripe, and how they are copied.

use maud::{Markup, html};

use crate::page_request::PageRequest;

/// The beginnings of ids that Stripe's Dashboard has a page for, and its path.
const AT_STRIPE: [(&str, &str); 8] = [
    ("po_", "payouts"),
    ("evt_", "events"),
    ("pi_", "payments"),
    ("ch_", "payments"),
    ("py_", "payments"),
    ("in_", "invoices"),
    ("du_", "disputes"),
    ("dp_", "disputes"),
];

/// Returns the address of an id in the console: of an event, a payout, or the donation that has it.
pub(crate) fn address_here(id: &str) -> String {
    let page = match id.split_once('_') {
        Some(("evt", _)) => "events",
        Some(("po", _)) => "payouts",
        _ => "donations",
    };
    format!("/ops/{page}/{id}")
}

/// A link to the page of an id here.
pub(crate) fn linked(id: &str) -> Markup {
    html! { a .id href=(address_here(id)) { (id) } }
}

/// The id with a button that copies it, and a link to Stripe's Dashboard in the right mode.
pub(crate) fn with_copy(page: &PageRequest, id: &str, livemode: bool) -> Markup {
    html! {
        span .id { (id) }
        " "
        button type="button" hidden data-copy=(id) { (page.pick("Copy", "コピー")) }
        @if let Some(address) = at_stripe(id, livemode) {
            " "
            a href=(address) rel="noreferrer" { (page.pick("In Stripe's Dashboard", "Stripe ダッシュボードで見る")) }
        }
    }
}

fn at_stripe(id: &str, livemode: bool) -> Option<String> {
    let (_, path) = AT_STRIPE.iter().find(|(beginning, _)| id.starts_with(beginning))?;
    let test = if livemode { "" } else { "test/" };
    Some(format!("https://dashboard.stripe.com/{test}{path}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::at_stripe;

    #[test]
    fn an_id_leads_to_the_dashboard_of_its_mode() {
        let address = |id, livemode| at_stripe(id, livemode).unwrap_or_default();
        assert_eq!(address("pi_1", true), "https://dashboard.stripe.com/payments/pi_1");
        assert_eq!(address("evt_1", false), "https://dashboard.stripe.com/test/events/evt_1");
        assert_eq!(address("inpay_1", true), "");
    }
}
