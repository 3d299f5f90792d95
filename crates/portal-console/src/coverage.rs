//! The completeness reports that cover a period, and their verdict together.

use portal_domain::report::Verdict;
use portal_domain::{Report, UnixSeconds};

/// The verdict of reports on a period.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// The reports that say it, the last first; of several about the same time the last one counts.
    pub(crate) reports: Vec<u64>,
    /// The end of the last comparison.
    pub(crate) made_at: Option<UnixSeconds>,
    pub(crate) verdict: Verdict,
    /// The number of donations that differ from Stripe.
    pub(crate) open: u64,
    /// The times that no report has compared, the first one first.
    pub(crate) gaps: Vec<[UnixSeconds; 2]>,
}

/// Returns the verdict of `reports`, the last first, on `period` in that mode.
pub(crate) fn coverage(
    reports: &[(u64, Report)],
    livemode: bool,
    period: [UnixSeconds; 2],
) -> Coverage {
    let mut it = Coverage {
        reports: Vec::new(),
        made_at: None,
        verdict: Verdict::Complete,
        open: 0,
        gaps: vec![period],
    };
    for (number, report) in reports.iter().filter(|(_, report)| report.livemode == livemode) {
        let window = [report.window.since, report.window.until];
        let left: Vec<_> = it.gaps.iter().flat_map(|gap| without(*gap, window)).collect();
        if left == it.gaps {
            continue;
        }
        it.gaps = left;
        it.reports.push(*number);
        it.made_at = it.made_at.max(Some(report.made_at));
        it.open = it.open.saturating_add(report.open);
        it.verdict = worse(it.verdict, report.verdict());
    }
    if !it.gaps.is_empty() {
        it.verdict = worse(it.verdict, Verdict::Unknown);
    }
    it
}

/// Returns the parts of `gap` outside of `window`.
fn without([since, until]: [UnixSeconds; 2], window: [UnixSeconds; 2]) -> Vec<[UnixSeconds; 2]> {
    let [begin, end] = window;
    let parts = [[since, until.min(begin)], [since.max(end), until]];
    parts.into_iter().filter(|[since, until]| since < until).collect()
}

fn worse(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Differences, _) | (_, Verdict::Differences) => Verdict::Differences,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Complete, Verdict::Complete) => Verdict::Complete,
    }
}

#[cfg(test)]
mod tests {
    use portal_contract::{at, text};
    use portal_domain::Report;
    use portal_domain::report::{Difference, Verdict};
    use portal_domain::stripe::Window;

    use super::coverage;

    fn report(since: i64, until: i64) -> Report {
        Report::new(Window { since: at(since), until: at(until) }, true)
    }

    #[test]
    fn reports_cover_a_period_together_and_the_last_one_counts() {
        let mut differing = report(0, 40);
        differing.found(text("pi_1"), Difference::MissingHere, false);
        let reports = [(3, report(10, 50)), (2, report(0, 20)), (1, differing.clone())];
        let all = coverage(&reports, true, [at(0), at(50)]);
        assert_eq!((all.verdict, &all.reports[..]), (Verdict::Complete, &[3, 2][..]));
        assert_eq!(all.made_at, Some(at(50)));
        let differs = coverage(&[(1, differing)], true, [at(0), at(40)]);
        assert_eq!((differs.verdict, differs.open), (Verdict::Differences, 1));
    }

    #[test]
    fn what_no_report_of_the_mode_has_compared_is_a_gap() {
        let reports = [(2, report(30, 40)), (1, report(10, 20))];
        let gaps = coverage(&reports, true, [at(0), at(50)]);
        assert_eq!(gaps.verdict, Verdict::Unknown);
        assert_eq!(gaps.gaps, [[at(0), at(10)], [at(20), at(30)], [at(40), at(50)]]);
        let other = coverage(&reports, false, [at(0), at(50)]);
        assert_eq!((other.gaps, other.reports), (vec![[at(0), at(50)]], vec![]));
    }
}
