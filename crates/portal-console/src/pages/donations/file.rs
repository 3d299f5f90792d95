//! All donations of a filter as a file, read and sent page by page.

use std::sync::Arc;

use axum::body::Body;
use futures::stream;
use jiff::tz::TimeZone;
use portal_domain::payouts::AccountedDonation;
use portal_domain::payouts::lookup::accounted;
use portal_domain::{Clock, DonationFilter, ObjectId, Store, StoreError, UnixSeconds};
use portal_service::donation_columns::{DONATION_HEADS, donation_cells};

use crate::Desk;
use crate::page_request::PageRequest;

/// The donations that are read at once: some hundred kilobytes of a file.
const PAGE: u32 = 1_000;

/// The form of a file of donations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DonationFormat {
    /// The columns of `donations export`.
    Csv,
    /// The same as Excel reads it in each language: with a byte-order mark, CRLF and heads in the
    /// language of the page.
    ExcelCsv,
    /// The lines of `donations list --format json`.
    JsonLines,
}

/// A file that is being sent.
struct DonationFile {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    filter: DonationFilter,
    zone: TimeZone,
    format: DonationFormat,
    /// The place of the last donation that was sent.
    after: Option<(UnixSeconds, ObjectId)>,
}

/// Returns the file. The first page is read before anything is sent, so that a store that fails has a
/// page that says so; where it fails later, the file breaks off with an error of the connection.
pub(crate) async fn donation_file(
    desk: &Desk,
    filter: DonationFilter,
    page: &PageRequest,
    format: DonationFormat,
) -> Result<Body, StoreError> {
    let zone = page.zone().clone();
    let (store, clock) = (Arc::clone(&desk.store), Arc::clone(&desk.clock));
    let mut file = DonationFile { store, clock, filter, zone, format, after: None };
    let mut first = format.heads(page);
    let is_last = file.append_page(&mut first).await?;
    let rest = (!is_last).then_some(file);
    let rest = stream::unfold((Some(first), rest), async |(first, rest)| {
        if let Some(first) = first {
            return Some((Ok(first), (None, rest)));
        }
        let mut file = rest?;
        let mut text = String::new();
        match file.append_page(&mut text).await {
            Ok(is_last) => Some((Ok(text), (None, (!is_last).then_some(file)))),
            Err(error) => Some((Err(error), (None, None))),
        }
    });
    Ok(Body::from_stream(rest))
}

impl DonationFile {
    /// Appends the next page, and returns true if it is the last one.
    async fn append_page(&mut self, text: &mut String) -> Result<bool, StoreError> {
        let after = self.after.as_ref().map(|(at, id)| (*at, id));
        let donations = self.store.donations(&self.filter, after, PAGE).await?;
        self.after = donations.last().map(|it| (it.at, it.id.clone()));
        let is_last = donations.len() < PAGE as usize;
        for it in accounted(&*self.store, donations, self.clock.now()).await? {
            text.push_str(&self.format.line(&it, &self.zone));
        }
        Ok(is_last)
    }
}

impl DonationFormat {
    fn heads(self, page: &PageRequest) -> String {
        match self {
            Self::Csv => DONATION_HEADS.join(",") + "\n",
            Self::ExcelCsv => {
                let heads = page.pick(DONATION_HEADS, JAPANESE_HEADS).join(",");
                format!("\u{feff}{heads}\r\n")
            }
            Self::JsonLines => String::new(),
        }
    }

    fn line(self, donation: &AccountedDonation, zone: &TimeZone) -> String {
        match self {
            Self::Csv => donation_cells(donation, zone).join(",") + "\n",
            Self::ExcelCsv => donation_cells(donation, zone).join(",") + "\r\n",
            // A donation has nothing that JSON could not take.
            Self::JsonLines => serde_json::to_string(donation).unwrap_or_default() + "\n",
        }
    }
}

const JAPANESE_HEADS: [&str; 30] = [
    "ID",
    "種別",
    "状態",
    "通貨",
    "金額（最小単位）",
    "返金額（最小単位）",
    "不審請求による減額（最小単位）",
    "差引額（最小単位）",
    "金額",
    "返金額",
    "不審請求による減額",
    "差引額",
    "不審請求の申し立て",
    "未確定",
    "Stripe 外での支払い",
    "本番環境",
    "支払い日時（Unix 秒）",
    "支払い日",
    "日時（Unix 秒）",
    "残高の通貨",
    "残高への入金額（最小単位）",
    "手数料（最小単位）",
    "手数料の消費税（最小単位）",
    "残高の純額（最小単位）",
    "残高への入金額",
    "手数料",
    "手数料の消費税",
    "残高の純額",
    "資金の所在",
    "入金",
];
