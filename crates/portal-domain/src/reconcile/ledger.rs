//! Looks up, one by one, the donations of the ledger that Stripe's lists have not shown.

use super::Reconciler;
use super::run::{LookedUp, LookupQueue, Phase, Run, Scope};
use crate::donation::{DonationFilter, DonationState};
use crate::facts::FactsKind;
use crate::ids::ObjectId;
use crate::ports::StoreError;
use crate::report::Difference;
use crate::stripe::{Read, ReadError, Resource, page};

/// The most donations of any age that one run looks up, because each costs a read.
const LOOKED_UP_MAX: u32 = 50;

/// The number of donations that are read from the store at a time.
const AHEAD: u32 = 100;

impl Reconciler<'_> {
    /// Looks up the next donation.
    pub(super) async fn ledger(
        &self,
        run: &mut Run,
        mut queue: LookupQueue,
    ) -> Result<(), StoreError> {
        if queue.ahead.is_empty() {
            let last = queue.last.as_ref().map(|(at, id)| (*at, id));
            let next = self.store.donations(&queue.which.filter(run), last, AHEAD).await?;
            queue.ahead = next.into_iter().rev().map(|it| (it.at, it.id)).collect();
        }
        let next = queue.ahead.pop().filter(|_| queue.goes_on());
        let Some((at, id)) = next else {
            run.phase = run.after_ledger(queue.which);
            return Ok(());
        };
        if run.will_recheck(&id) {
            // Its difference is checked once more at the end.
            run.phase = Phase::Ledger(LookupQueue { last: Some((at, id)), ..queue });
            return Ok(());
        }
        let seen = match queue.which {
            LookedUp::Unconfirmed | LookedUp::Pending => {
                self.look_at(run, queue.which, &id).await?
            }
            // A charge without a payment is from the time before invoices had payments.
            LookedUp::Provisional if kind(&id) != FactsKind::PaymentIntent => Ok(()),
            LookedUp::Provisional => {
                let invoiced = self.look_up(run, &id).await?;
                invoiced.map(drop).map_err(|why| (Resource::InvoicePayments, why))
            }
        };
        run.phase = match seen {
            Ok(()) => {
                let (last, looked_up) = (Some((at, id)), queue.looked_up + 1);
                Phase::Ledger(LookupQueue { last, looked_up, ..queue })
            }
            Err((resource, why)) => {
                run.report.unread_resource(resource, why);
                if why.is_of_one_object() {
                    let (last, looked_up) = (Some((at, id)), queue.looked_up + 1);
                    Phase::Ledger(LookupQueue { last, looked_up, ..queue })
                } else {
                    // Other errors would fail the next read as well.
                    run.after_ledger(queue.which)
                }
            }
        };
        Ok(())
    }

    /// Compares one donation with its object.
    async fn look_at(
        &self,
        run: &mut Run,
        which: LookedUp,
        donation: &ObjectId,
    ) -> Result<Result<(), (Resource, ReadError)>, StoreError> {
        let kind = kind(donation);
        let read = Read::Object { kind, id: donation.clone(), context: None };
        let seen = match self.stripe.read(&read).await {
            Ok(fetched) => {
                page::object(&fetched, kind).map(|it| (it, self.observation(run, &fetched)))
            }
            Err(ReadError::NotFound) => {
                run.report.found(donation.clone(), Difference::MissingThere, false);
                return Ok(Ok(()));
            }
            Err(why) => Err(why),
        };
        let (seen, observation) = match seen {
            Ok(seen) => seen,
            Err(why) => return Ok(Err((Resource::at(kind), why))),
        };
        let compared = self.compare(run, &[seen], observation).await?;
        if which == LookedUp::Unconfirmed {
            run.report.shown += compared.shown + compared.unknown.len() as u64;
        }
        for mismatch in compared.unknown {
            if let Err(why) = self.look_up(run, &mismatch.expected.id).await? {
                return Ok(Err((Resource::InvoicePayments, why)));
            }
            self.judge_one(run, mismatch).await?;
        }
        Ok(Ok(()))
    }
}

impl LookedUp {
    fn filter(self, run: &Run) -> DonationFilter {
        let window = run.report.window;
        let livemode = Some(run.report.livemode);
        let of_the_key = DonationFilter { livemode, ..DonationFilter::default() };
        match self {
            Self::Unconfirmed => DonationFilter {
                since: Some(window.since),
                until: Some(window.until),
                // Unpaid ones are looked up in any case, and may be paid later.
                state: Some(DonationState::Paid),
                confirmed: Some(false),
                ..of_the_key
            },
            Self::Pending => DonationFilter { state: Some(DonationState::Pending), ..of_the_key },
            // Checkout's own event may still arrive for a payment that was made just now.
            Self::Provisional => DonationFilter {
                until: Some(window.until),
                // A failed donation has no money, and anybody can make payments fail by the
                // thousand.
                state: (run.scope() == Scope::Poll).then_some(DonationState::Paid),
                provisional: Some(true),
                ..of_the_key
            },
        }
    }
}

impl LookupQueue {
    /// True if the lookup continues: through the whole window, or up to the limit for older
    /// donations.
    fn goes_on(&self) -> bool {
        match self.which {
            LookedUp::Unconfirmed => true,
            LookedUp::Pending | LookedUp::Provisional => self.looked_up < LOOKED_UP_MAX,
        }
    }
}

/// Returns the kind of object that a donation's id names.
fn kind(id: &ObjectId) -> FactsKind {
    match id.as_str().split('_').next() {
        Some("in") => FactsKind::Invoice,
        Some("ch" | "py") => FactsKind::Charge,
        _ => FactsKind::PaymentIntent,
    }
}
