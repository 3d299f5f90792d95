//! One donation: its amount and how it came about, and the events that tell of it.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::lookup::{find_with_breakdown, last_events_of};
use portal_domain::payouts::{DonationMoney, MoneyPlace, lookup};
use portal_domain::{
    Breakdown, Donation, DonationFilter, DonationState, ObjectId, Store, StoreError,
};

use portal_service::payout_text;

use super::history::history;
use super::lines::{line_cells, line_heads};
use crate::Desk;
use crate::ids::{linked, with_copy};
use crate::layout::PageContent;
use crate::money_cells::{money, time};
use crate::money_words::{kind, marks, state_with_sign};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::table;
use crate::words;

/// The donations of one second that are searched for a confirmed one; more do not happen.
const SAME_SECOND_MAX: u32 = 200;

/// Shows the donation that an id belongs to, whatever object or event it is of.
pub(crate) async fn donation(
    desk: Arc<Desk>,
    page: PageRequest,
    id: String,
) -> Result<PageContent, PageError> {
    let (store, page) = (&*desk.store, &page);
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let found = find_with_breakdown(store, &id).await?;
    let (breakdown, others) = found.ok_or(PageError::NoSuchId)?;
    let donation = &breakdown.donation;
    let events = last_events_of(store, &donation.id).await?;
    let is_confirmed = is_confirmed(store, donation).await?;
    let money_at_stripe = lookup::money_of_one(store, donation, page.now).await?;
    let amount = money(page, donation.amount, &donation.currency);
    Ok(PageContent {
        title: page.pick(format!("Donation of {amount}"), format!("{amount}の寄付")),
        body: html! {
            (answer(page, donation))
            p { (with_copy(page, donation.id.as_str(), donation.livemode)) }
            (several(page, &id, &others))
            (facts(page, donation, is_confirmed))
            (in_balance(page, &money_at_stripe))
            (lines(page, &breakdown))
            (history(page, donation, &events))
        },
    })
}

/// The first line: what became of it.
fn answer(page: &PageRequest, donation: &Donation) -> Markup {
    let (class, state) = state_with_sign(page, donation.state);
    let net = money(page, donation.net, &donation.currency);
    html! {
        p class={ "proof " (class) } {
            (state) " · " (time(page, donation.at)) " · " (kind(page, donation.kind))
            @if donation.state == DonationState::Paid {
                " · " (page.pick("net", "差引額")) " " (net)
            }
            " · "
            @if donation.livemode { (words::mode(page, true)) } @else { span .badge.test { (words::mode(page, false)) } }
        }
    }
}

fn several(page: &PageRequest, id: &ObjectId, others: &[ObjectId]) -> Markup {
    html! {
        @if !others.is_empty() {
            p {
                span .id { (id) } " "
                (page.pick("belongs to other donations too: ", "はほかの寄付にも属します: "))
                @for other in others { (linked(other.as_str())) " " }
            }
        }
    }
}

fn facts(page: &PageRequest, donation: &Donation, is_confirmed: bool) -> Markup {
    let amounts = [
        (page.pick("Amount", "金額"), donation.amount),
        (page.pick("Refunded", "返金額"), donation.refunded),
        (page.pick("Lost to disputes", "不審請求による減額"), donation.lost),
        (page.pick("Net", "差引額"), donation.net),
    ];
    let marks = marks(page, donation).join(page.pick(", ", "、"));
    html! {
        dl {
            @for (name, amount) in amounts {
                dt { (name) }
                dd { (money(page, amount, &donation.currency)) }
            }
            @if !marks.is_empty() {
                dt { (page.pick("Remarks", "備考")) }
                dd { (marks) }
            }
            dt { (page.pick("In the totals", "合計への算入")) }
            dd { (in_totals(page, donation)) }
            dt { (page.pick("Confirmed by Stripe", "Stripe との照合")) }
            dd {
                @if is_confirmed {
                    (page.pick("yes: Stripe has shown it as it is here", "照合済み: Stripe の記録と一致しました"))
                } @else {
                    (page.pick("not yet: no comparison has come to it", "まだ照合していません"))
                }
            }
        }
    }
}

/// The money as it came to the balance at Stripe, and its place now.
fn in_balance(page: &PageRequest, it: &DonationMoney) -> Markup {
    let Some(place) = it.place.filter(|place| *place != MoneyPlace::BeforeTheFirstRead) else {
        return html! {};
    };
    let amounts = [
        (page.pick("Came to the balance", "残高への入金額"), it.balance_amount),
        (page.pick("Fee", "手数料"), it.fee),
        (page.pick("Of it tax", "うち消費税"), it.fee_tax),
        (page.pick("Net in the balance", "残高の純額"), it.balance_net),
    ];
    html! {
        h2 { (page.pick("Its money at Stripe", "Stripe での資金")) }
        dl {
            @if let Some(currency) = &it.balance_currency {
                @for (name, amount) in amounts {
                    @if let Some(amount) = amount {
                        dt { (name) }
                        dd { (money(page, amount, currency)) }
                    }
                }
            }
            dt { (page.pick("Place", "所在")) }
            dd {
                (page.locale.language.choose(&payout_text::place(place)))
                @if let Some(payout) = &it.payout { " " (linked(payout.as_str())) }
            }
        }
    }
}

/// Returns whether the donation is in the totals, and why not.
fn in_totals(page: &PageRequest, donation: &Donation) -> &'static str {
    match (donation.state, donation.provisional) {
        (DonationState::Pending, _) => {
            page.pick("no: the money has not come yet", "含みません: まだ入金がありません")
        }
        (DonationState::Failed, _) => {
            page.pick("no: the payment failed or expired", "含みません: 支払いが失敗したか、期限切れです")
        }
        (DonationState::Paid, true) => page.pick(
            "no: it is provisional, because it may turn out to be part of an invoice, which would count it twice",
            "含みません: 未確定です。請求書の一部と判明した場合に二重に数えないためです",
        ),
        (DonationState::Paid, false) if !donation.livemode => {
            page.pick("yes, in those of test mode", "含みます（テスト環境の合計）")
        }
        (DonationState::Paid, false) => page.pick("yes", "含みます"),
    }
}

fn lines(page: &PageRequest, breakdown: &Breakdown) -> Markup {
    let label = page.pick("How the amounts came about", "金額の内訳");
    let rows = html! {
        @for line in &breakdown.lines {
            tr { (line_cells(page, line, &breakdown.donation)) }
        }
    };
    html! {
        h2 { (label) }
        (table(label, &line_heads(page), &rows))
        @if !breakdown.shared_with.is_empty() {
            p {
                (page.pick("Its payment also paid: ", "同じ支払いで支払われたほかの請求書: "))
                @for other in &breakdown.shared_with { (linked(other.as_str())) " " }
            }
        }
    }
}

/// True if a comparison has found the donation at Stripe as it is here.
async fn is_confirmed(store: &dyn Store, donation: &Donation) -> Result<bool, StoreError> {
    let confirmed = DonationFilter {
        since: Some(donation.at),
        until: Some(donation.at.after(jiff::SignedDuration::from_secs(1))),
        kind: Some(donation.kind),
        state: Some(donation.state),
        livemode: Some(donation.livemode),
        confirmed: Some(true),
        ..DonationFilter::default()
    };
    let found = store.donations(&confirmed, None, SAME_SECOND_MAX).await?;
    Ok(found.iter().any(|it| it.id == donation.id))
}
