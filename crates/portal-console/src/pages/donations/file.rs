//! All donations of a filter as a file.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use jiff::tz::TimeZone;
use portal_domain::payouts::AccountedDonation;
use portal_domain::payouts::lookup::accounted;
use portal_domain::{Clock, DonationFilter, Store, StoreError};
use portal_service::donation_columns::{DONATION_HEADS, donation_cells};

use crate::Desk;
use crate::donation_page::DonationPage;
use crate::donation_query::DonationCursor;
use crate::json::Json;
use crate::page_request::PageRequest;
use crate::streamed::{FilePages, PAGE_ROWS, streamed};

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
    /// The donations that are looked at for one page of it.
    searched: u32,
    /// The place of the last donation that was sent.
    after: Option<DonationCursor>,
}

/// Returns the file of the donations that `filter` selects.
pub(crate) async fn donation_file(
    desk: &Desk,
    filter: DonationFilter,
    page: &PageRequest,
    format: DonationFormat,
) -> Result<Body, StoreError> {
    let (store, clock) = (Arc::clone(&desk.store), Arc::clone(&desk.clock));
    let (zone, searched) = (page.zone().clone(), desk.limits.rows_searched);
    let file = DonationFile { store, clock, filter, zone, format, searched, after: None };
    streamed(format.heads(page), Box::new(file)).await
}

#[async_trait]
impl FilePages for DonationFile {
    async fn append_page(&mut self, text: &mut String) -> Result<bool, StoreError> {
        let (store, after) = (&*self.store, self.after.as_ref());
        let page = DonationPage::read(store, &self.filter, after, PAGE_ROWS, self.searched).await?;
        for it in accounted(store, page.donations, self.clock.now()).await? {
            text.push_str(&self.format.line(&it, &self.zone));
        }
        self.after = page.next;
        Ok(self.after.is_none())
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
            Self::JsonLines => Json::of(donation).into_text() + "\n",
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
