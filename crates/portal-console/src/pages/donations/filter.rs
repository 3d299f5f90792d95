//! The filter of donations: as a form, and in words.

use maud::{Markup, html};
use portal_domain::{DonationFilter, DonationState, Kind};
use portal_service::donation_columns::mode;

use crate::filter_fields::{Choice, choices, field};
use crate::money_cells::money;
use crate::money_words::{DISPUTES, KINDS, STATES, dispute, kind, provisional, state};
use crate::page_request::PageRequest;

/// Returns the form whose fields are the keys of the address.
pub(crate) fn filter_form(page: &PageRequest, livemode: bool, filter: &DonationFilter) -> Markup {
    let kinds = KINDS.map(|it| (it.name(), kind(page, it), filter.kind == Some(it)));
    let disputes = DISPUTES.map(|it| (it.name(), dispute(page, it), filter.dispute == Some(it)));
    let states = STATES.map(|it| (it.name(), state(page, it), filter.state == Some(it)));
    html! {
        form .filter method="get" action=(page.path) {
            input type="hidden" name="mode" value=(mode(livemode));
            (field(page, "period", page.pick("Period", "期間"), "2026-10 · today · 30d"))
            (field(page, "since", page.pick("From", "開始日"), "2026-10-01"))
            (field(page, "until", page.pick("To (included)", "終了日（その日を含む）"), "2026-10-31"))
            (choices(page, "kind", page.pick("Kind", "種別"), &kinds))
            (choices(page, "state", page.pick("State", "状態"), &states))
            (field(page, "currency", page.pick("Currency", "通貨"), "jpy"))
            (choices(page, "provisional", page.pick("Provisional", "未確定"), &yes_or_no(page, filter.provisional)))
            (choices(page, "dispute", page.pick("Dispute", "不審請求の申し立て"), &disputes))
            (field(page, "from", page.pick("Amount from", "金額（下限）"), "1000"))
            (field(page, "to", page.pick("Amount to", "金額（上限）"), "50000"))
            (choices(page, "confirmed", page.pick("Confirmed", "Stripe と照合済み"), &yes_or_no(page, filter.confirmed)))
            button type="submit" { (page.pick("Show", "表示")) }
        }
    }
}

/// Returns each condition of the filter but the mode.
pub(crate) fn filter_words(page: &PageRequest, filter: &DonationFilter) -> Vec<String> {
    let DonationFilter { since, until, currency, kind: of_kind, state: in_state, .. } = filter;
    let is = |name: &str, it: bool| {
        let answer = if it { page.pick("yes", "はい") } else { page.pick("no", "いいえ") };
        format!("{name}: {answer}")
    };
    let time = |it| page.locale.time(it);
    let from =
        since.map(|it| page.pick(format!("from {}", time(it)), format!("{} から", time(it))));
    let to =
        until.map(|it| page.pick(format!("before {}", time(it)), format!("{} より前", time(it))));
    let currency = currency.as_ref().map(|it| it.as_str().to_uppercase());
    let of_kind = of_kind.map(|it: Kind| kind(page, it).to_owned());
    let in_state = in_state.map(|it: DonationState| state(page, it).to_owned());
    let provisional = filter.provisional.map(|it| is(provisional(page), it));
    let confirmed =
        filter.confirmed.map(|it| is(page.pick("confirmed by Stripe", "Stripe と照合済み"), it));
    let dispute = filter.dispute.map(|it| dispute(page, it).to_owned());
    let amount = |it: Option<i64>| Some(money(page, it?, filter.currency.as_ref()?));
    let least = amount(filter.amount_from).map(|it| format!("≥ {it}"));
    let most = amount(filter.amount_to).map(|it| format!("≤ {it}"));
    let all = [from, to, of_kind, in_state, currency, provisional, confirmed, dispute, least, most];
    all.into_iter().flatten().collect()
}

fn yes_or_no(page: &PageRequest, chosen: Option<bool>) -> [Choice; 2] {
    let yes = ("yes", page.pick("yes", "はい"), chosen == Some(true));
    [yes, ("no", page.pick("no", "いいえ"), chosen == Some(false))]
}
