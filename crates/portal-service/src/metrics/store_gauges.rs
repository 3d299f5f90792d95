//! The gauges of a store: the same on every replica, so that rules take the greatest, never the sum.

use std::fmt;

use portal_domain::endpoint::problems;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::figures::FIGURES_JOB;
use portal_domain::payouts::{job as payouts_job, read_window};
use portal_domain::report::Verdict;
use portal_domain::signature_history::{SIGNATURES_JOB, SignatureHistory};
use portal_domain::stripe_job;
use portal_domain::{
    Alert, Backlog, DonationFilter, DonationState, JobRow, Report, Store, StoreError, UnixSeconds,
};
use prometheus_client::encoding::DescriptorEncoder;

use super::encode::{gauge, gauges};
use super::intake::PLACES;
use crate::donation_columns::mode;
use crate::status::{BACKUP_JOB, LastDelivery, OpenAlert, last_comparison};

/// The reports that are searched for the last one of each mode.
const REPORTS_SEARCHED: u32 = 20;

/// Counting provisional donations goes no further, as with [`Backlog::COUNTED_MAX`].
const PROVISIONAL_COUNTED_MAX: u32 = 1000;

/// The alerts that have no end are no state.
const NO_STATE: [&str; 1] = ["digest"];

/// The settings that gauges depend on.
pub(super) struct GaugesConfig {
    pub(super) read_budget: Option<u64>,
    /// The mode of the key, where there is an endpoint to look at.
    pub(super) endpoint_of: Option<bool>,
    pub(super) fingerprints: Vec<Box<str>>,
}

/// The longest silence of the past month; `None` while that is too short to judge by.
#[derive(Clone, Copy)]
pub(super) struct UsualSilence {
    pub(super) seconds: Option<i64>,
}

/// The gauges of a store at one time.
pub(super) struct StoreGauges {
    backlog: Backlog,
    provisional: i64,
    last_delivery: Option<UnixSeconds>,
    usual: UsualSilence,
    open_alerts: Vec<OpenAlert>,
    reports: Vec<Report>,
    jobs: Vec<JobRow>,
    /// The end of the time in which all lines of the balance are known, by live mode.
    balance_read_until: Vec<(bool, UnixSeconds)>,
    reads: u64,
    read_budget: Option<u64>,
    /// The problems that were seen last; `None` if nobody has looked.
    endpoint: Option<Vec<EndpointProblem>>,
    clock_offset: Option<i64>,
    /// The last match of each secret, by its place.
    matched_at: Vec<Option<UnixSeconds>>,
}

impl StoreGauges {
    pub(super) async fn read(
        store: &dyn Store,
        config: &GaugesConfig,
        usual: UsualSilence,
        now: UnixSeconds,
    ) -> Result<Self, StoreError> {
        // With the state, which the index of donations begins with.
        let provisional = DonationFilter {
            state: Some(DonationState::Paid),
            provisional: Some(true),
            ..DonationFilter::default()
        };
        let provisional = store.donations(&provisional, None, PROVISIONAL_COUNTED_MAX).await?;
        let filed = store.reports(None, REPORTS_SEARCHED).await?;
        let history = SignatureHistory::read(store).await?;
        let endpoint = match config.endpoint_of {
            Some(livemode) => {
                let check = EndpointCheck::read(store, livemode).await?;
                let found = problems(&check.endpoints).into_iter().map(|it| it.problem);
                check.seen_at.map(|_| found.collect())
            }
            None => None,
        };
        let used = history.uses(&config.fingerprints, now);
        let mut balance_read_until = Vec::new();
        for livemode in [true, false] {
            let known = read_window::get(store, livemode).await?;
            balance_read_until.extend(known.map(|it| (livemode, it.until)));
        }
        Ok(Self {
            backlog: store.backlog().await?,
            provisional: i64::try_from(provisional.len()).unwrap_or_default(),
            last_delivery: LastDelivery::read(store).await?.at(),
            usual,
            open_alerts: OpenAlert::read_all(store, &[]).await?,
            reports: filed.into_iter().map(|(_, report)| report).collect(),
            jobs: store.jobs().await?,
            balance_read_until,
            reads: store.spend(0, now).await?,
            read_budget: config.read_budget,
            endpoint,
            clock_offset: last_comparison(store).await?.map(|it| it.ahead_seconds),
            matched_at: used.iter().map(|it| it.last_matched_at).collect(),
        })
    }

    pub(super) fn encode(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Events that the ledger lacks, counted up to a thousand";
        let backlog = [
            (&[("state", "awaiting_object")][..], signed(self.backlog.awaiting_object)),
            (&[("state", "dead")], signed(self.backlog.dead)),
            (&[("state", "acknowledged")], signed(self.backlog.acknowledged)),
        ];
        gauges(to, "events", help, &backlog)?;
        let last = self.last_delivery.map(UnixSeconds::get);
        let budget = self.read_budget.map(signed);
        for (name, help, value) in [
            (
                "provisional_donations",
                "Donations that may belong to an invoice, counted up to a thousand",
                Some(self.provisional),
            ),
            ("last_delivery_timestamp_seconds", "Last event that Stripe delivered", last),
            (
                "usual_silence_seconds",
                "Longest time between two deliveries in four weeks",
                self.usual.seconds,
            ),
            ("stripe_reads_30d", "Reads at Stripe within the budget", Some(signed(self.reads))),
            ("stripe_read_budget", "Reads at Stripe that 30 days may have", budget),
            ("clock_offset_seconds", "This clock ahead of Stripe's", self.clock_offset),
        ] {
            gauge(to, name, help, value)?;
        }
        self.encode_alerts(to)?;
        self.encode_reports(to)?;
        self.encode_balance(to)?;
        self.encode_jobs(to)?;
        self.encode_endpoint(to)
    }

    fn encode_alerts(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kinds = Alert::SECTIONS.iter().filter(|it| !NO_STATE.contains(it));
        let labels: Vec<_> = kinds.map(|it| [("kind", *it)]).collect();
        let open =
            |kind: &str| self.open_alerts.iter().filter(|it| it.alert.kind() == kind).count();
        let rows: Vec<_> = labels
            .iter()
            .map(|it| (&it[..], i64::try_from(open(it[0].1)).unwrap_or_default()))
            .collect();
        gauges(to, "alerts_open", "Open alerts", &rows)
    }

    fn encode_reports(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let of_mode = |livemode| self.reports.iter().find(|it| it.livemode == livemode);
        let last: Vec<_> = [true, false]
            .into_iter()
            .filter_map(|livemode| Some(([("mode", mode(livemode))], of_mode(livemode)?)))
            .collect();
        let made: Vec<_> = last.iter().map(|(mode, it)| (&mode[..], it.made_at.get())).collect();
        gauges(to, "report_timestamp_seconds", "End of the last comparison with Stripe", &made)?;
        let complete = |it: &Report| i64::from(it.verdict() == Verdict::Complete);
        let complete: Vec<_> = last.iter().map(|(mode, it)| (&mode[..], complete(it))).collect();
        gauges(to, "report_complete", "1 if nothing differed and all was read", &complete)?;
        let places: Vec<_> = last
            .iter()
            .flat_map(|([mode], it)| {
                [
                    ([*mode, ("place", "shown")], signed(it.shown)),
                    ([*mode, ("place", "here")], signed(it.here())),
                    ([*mode, ("place", "repaired")], signed(it.repaired)),
                    ([*mode, ("place", "open")], signed(it.open)),
                ]
            })
            .collect();
        let rows: Vec<_> = places.iter().map(|(labels, it)| (&labels[..], *it)).collect();
        gauges(to, "report_donations", "Donations of the last comparison", &rows)
    }

    fn encode_balance(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let until = self.balance_read_until.iter();
        let labels: Vec<_> =
            until.map(|(livemode, at)| ([("mode", mode(*livemode))], at.get())).collect();
        let rows: Vec<_> = labels.iter().map(|(labels, at)| (&labels[..], *at)).collect();
        let help = "Time up to which all lines of the balance are known";
        gauges(to, "balance_read_until_timestamp_seconds", help, &rows)
    }

    fn encode_jobs(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let at_stripe = [true, false].map(|it| [stripe_job::name(it), payouts_job::name(it)]);
        let known = [FIGURES_JOB, SIGNATURES_JOB, BACKUP_JOB].into_iter().chain(at_stripe.concat());
        let begun = |name: &str| self.jobs.iter().find(|it| it.name == name);
        let labels: Vec<_> = known
            .filter_map(|name| Some(([("job_name", name)], begun(name)?.leased_at.get())))
            .collect();
        let rows: Vec<_> = labels.iter().map(|(labels, at)| (&labels[..], *at)).collect();
        gauges(to, "job_last_start_timestamp_seconds", "Last begin of a job", &rows)
    }

    fn encode_endpoint(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(found) = &self.endpoint {
            let all = EndpointProblem::ALL.iter();
            let labels: Vec<_> =
                all.map(|it| ([("problem", it.name())], i64::from(found.contains(it)))).collect();
            let rows: Vec<_> = labels.iter().map(|(labels, it)| (&labels[..], *it)).collect();
            gauges(to, "endpoint_problem", "1 if the endpoint at Stripe was so", &rows)?;
        }
        let labels: Vec<_> = PLACES
            .iter()
            .zip(&self.matched_at)
            .filter_map(|(place, at)| Some(([("secret", *place)], at.as_ref()?.get())))
            .collect();
        let rows: Vec<_> = labels.iter().map(|(labels, at)| (&labels[..], *at)).collect();
        let help = "Last delivery that a signing secret has signed, by its place";
        gauges(to, "signature_last_match_timestamp_seconds", help, &rows)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
