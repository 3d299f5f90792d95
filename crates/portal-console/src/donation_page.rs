//! A page of donations, which reads no more than a bound of them.

use portal_domain::{Donation, DonationFilter, Store, StoreError, UnixSeconds};

use crate::donation_query::DonationCursor;
use crate::tables::cut;

/// Most filters let through enough of the first donations: so many times those of a page.
const FIRST_LOOK: u32 = 4;

/// The donations of a page, the last first.
pub(crate) struct DonationPage {
    pub(crate) donations: Vec<Donation>,
    /// The place after which the next page begins.
    pub(crate) next: Option<DonationCursor>,
    /// The time of the last donation that was looked at, where the search ended before the page was full.
    pub(crate) searched_to: Option<UnixSeconds>,
}

impl DonationPage {
    /// Reads the donations that `filter` selects, after that place. Where no index finds them, `searched`
    /// are looked at.
    pub(crate) async fn read(
        store: &dyn Store,
        filter: &DonationFilter,
        after: Option<&DonationCursor>,
        limit: u32,
        searched: u32,
    ) -> Result<Self, StoreError> {
        let after = after.map(|(at, id)| (*at, id));
        let looked_at = filter.by_index();
        let within = async |searched| {
            let end = match looked_at == *filter {
                true => None,
                false => store.donation_at(&looked_at, after, searched).await?,
            };
            let since = end.as_ref().map(|it| it.0).max(filter.since);
            let bounded = DonationFilter { since, ..filter.clone() };
            let mut donations = store.donations(&bounded, after, limit + 1).await?;
            // Of the second in which the search ends, the next page has the rest.
            donations.retain(|it| end.as_ref().is_none_or(|(at, id)| (it.at, &it.id) >= (*at, id)));
            let (donations, next) = cut(donations, limit, |it| (it.at, it.id.clone()));
            let ended = end.filter(|_| next.is_none());
            let searched_to = ended.as_ref().map(|it| it.0);
            Ok(Self { donations, next: next.or(ended), searched_to })
        };
        let soon = within(limit.saturating_mul(FIRST_LOOK).min(searched)).await?;
        match soon.searched_to {
            Some(_) => within(searched).await,
            None => Ok(soon),
        }
    }
}
