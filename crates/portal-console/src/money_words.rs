//! The words for donations in pages.

use portal_domain::{DisputeState, Donation, DonationState, Kind};

use crate::page_request::PageRequest;

pub(crate) const KINDS: [Kind; 3] = [Kind::OneTime, Kind::Recurring, Kind::Invoice];

pub(crate) const STATES: [DonationState; 3] =
    [DonationState::Paid, DonationState::Pending, DonationState::Failed];

pub(crate) const DISPUTES: [DisputeState; 4] =
    [DisputeState::Inquiry, DisputeState::Open, DisputeState::Won, DisputeState::Lost];

pub(crate) fn kind(page: &PageRequest, kind: Kind) -> &'static str {
    match kind {
        Kind::OneTime => page.pick("one-time", "単発の寄付"),
        Kind::Recurring => page.pick("recurring", "継続寄付"),
        Kind::Invoice => page.pick("by invoice", "請求書による寄付"),
    }
}

pub(crate) fn state(page: &PageRequest, state: DonationState) -> &'static str {
    match state {
        DonationState::Paid => page.pick("paid", "支払い済み"),
        DonationState::Pending => page.pick("pending", "入金待ち"),
        DonationState::Failed => page.pick("failed", "失敗"),
    }
}

/// Returns the state with its sign: colour alone says nothing.
pub(crate) fn state_with_sign(page: &PageRequest, it: DonationState) -> (&'static str, String) {
    let (class, sign) = match it {
        DonationState::Paid => ("ok", "✓"),
        DonationState::Pending => ("warn", "●"),
        DonationState::Failed => ("bad", "✕"),
    };
    (class, format!("{sign} {}", state(page, it)))
}

pub(crate) fn dispute(page: &PageRequest, state: DisputeState) -> &'static str {
    match state {
        DisputeState::Inquiry => page.pick("dispute: inquiry", "不審請求の申し立て: 照会"),
        DisputeState::Open => page.pick("dispute open", "不審請求の申し立て中"),
        DisputeState::Won => page.pick("dispute won", "不審請求の申し立て: 反証が認められた"),
        DisputeState::Lost => {
            page.pick("dispute lost", "不審請求の申し立て: 反証が認められなかった")
        }
    }
}

pub(crate) fn provisional(page: &PageRequest) -> &'static str {
    page.pick("provisional", "未確定")
}

/// Returns what is out of the ordinary about a donation.
pub(crate) fn marks(page: &PageRequest, donation: &Donation) -> Vec<&'static str> {
    let all = donation.amount <= donation.refunded;
    let refunded = (donation.refunded > 0).then(|| match all {
        true => page.pick("refunded", "返金済み"),
        false => page.pick("partly refunded", "一部返金"),
    });
    let provisional = donation.provisional.then(|| provisional(page));
    let out_of_band = donation.out_of_band.then(|| page.pick("out of band", "Stripe 外での支払い"));
    let dispute = donation.dispute.map(|it| dispute(page, it));
    [provisional, out_of_band, refunded, dispute].into_iter().flatten().collect()
}
