//! The permissions of the key: one cheap read of each kind of object.

use jiff::SignedDuration;
use portal_domain::Clock;
use portal_domain::stripe::{LinesOf, List};
use portal_domain::{
    Fetched, PageCursor, Read, ReadError, Resource, Stripe, UnixSeconds, Window, text,
};

use super::finding::{Check, CheckFinding};
use super::first_solve_database;

/// The window of the reads, short so that their answers are small.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// One read and its result.
pub(super) struct ProbedRead {
    /// The resource read, which a report names in the same way.
    pub(super) resource: Resource,
    pub(super) answer: Result<Fetched, ReadError>,
    /// The time before the request, by this machine's clock.
    pub(super) before: UnixSeconds,
    /// The time after the answer, by this machine's clock.
    pub(super) after: UnixSeconds,
}

/// Makes one read of each kind, and stops at an error that every other read would meet as well.
pub(super) async fn ask(stripe: &dyn Stripe, clock: &dyn Clock) -> Vec<ProbedRead> {
    let until = clock.now();
    let window = Window { since: until.after(-WINDOW), until };
    let list = |list| Read::Objects { list, window, cursor: PageCursor::First };
    let mut asked = Vec::new();
    for read in [
        Read::Events { types: &[], window, cursor: PageCursor::First },
        list(List::PaymentIntents),
        list(List::Invoices),
        list(List::InvoicePayments),
        list(List::Refunds),
        list(List::Disputes),
        Read::Endpoints,
        Read::Payouts { window, cursor: PageCursor::First },
        Read::BalanceLines { of: LinesOf::Time(window), cursor: PageCursor::First },
        Read::Balance,
    ] {
        let before = clock.now();
        let answer = stripe.read(&read).await;
        let out_of_reach = answer.as_ref().err().is_some_and(|why| is_of_all(*why));
        asked.push(ProbedRead { resource: read.resource(), answer, before, after: clock.now() });
        if out_of_reach {
            break;
        }
    }
    asked
}

/// True if every other read would fail with the same error.
fn is_of_all(why: ReadError) -> bool {
    match why {
        ReadError::WrongKey
        | ReadError::TooMany
        | ReadError::TimedOut
        | ReadError::Unreachable
        | ReadError::BudgetSpent
        | ReadError::NotCounted => true,
        ReadError::NotAllowed
        | ReadError::NotFound
        | ReadError::Refused { .. }
        | ReadError::Failing { .. }
        | ReadError::Unreadable => false,
    }
}

pub(super) fn judge(asked: &ProbedRead) -> CheckFinding {
    let ProbedRead { resource, answer, .. } = asked;
    let what = resource.name();
    let why = match answer {
        Ok(_) => {
            return CheckFinding::ok(
                Check::Rights,
                text!("the key may read {what}", "キーで {what} を読み取れます"),
            );
        }
        Err(why) => *why,
    };
    let unread = text!("could not read {what}", "{what} を読み取れません").about(&why.text());
    match why {
        ReadError::WrongKey => CheckFinding::wrong(
            Check::Rights,
            unread,
            text!(
                "make a new restricted key in Stripe's Dashboard (API keys), set it as STRIPE_SECRET_KEY, and restart the server",
                "Stripe のダッシュボード（API キー）で制限付きキーを作り直し、STRIPE_SECRET_KEY に設定してサーバーを再起動してください"
            ),
        ),
        ReadError::NotAllowed => {
            let permission = resource.permission();
            let advice = text!(
                "give the key this permission in Stripe's Dashboard (API keys): {permission}: Read",
                "Stripe のダッシュボード（API キー）で、キーに {permission} の読み取り権限を与えてください"
            );
            CheckFinding::wrong(Check::Rights, unread, advice)
        }
        ReadError::TooMany | ReadError::Failing { .. } => CheckFinding::warning(
            Check::Rights,
            unread,
            text!(
                "try again later; if it lasts, see https://status.stripe.com",
                "しばらくしてからやり直してください。長引く場合は https://status.stripe.com を確認してください"
            ),
        ),
        ReadError::TimedOut | ReadError::Unreachable => CheckFinding::warning(
            Check::Rights,
            unread,
            text!(
                "check whether this machine reaches api.stripe.com: name, route, firewall",
                "このマシンから api.stripe.com に接続できるか（名前解決、経路、ファイアウォール）を確認してください"
            ),
        ),
        ReadError::NotFound | ReadError::Refused { .. } | ReadError::Unreadable => {
            CheckFinding::warning(
                Check::Rights,
                unread,
                text!(
                    "if STRIPE_API_BASE is set, remove it; if it is not, report this as a bug",
                    "STRIPE_API_BASE を設定していれば、削除してください。設定していなければ、不具合として報告してください"
                ),
            )
        }
        ReadError::BudgetSpent => CheckFinding::warning(
            Check::Rights,
            unread,
            text!(
                "wait until reads are free again, some each day; if the account may read more, raise READ_BUDGET",
                "読み取り回数は毎日少しずつ回復します。アカウントの上限に余裕があれば、READ_BUDGET を増やしてください"
            ),
        ),
        ReadError::NotCounted => {
            CheckFinding::warning(Check::Rights, unread, first_solve_database())
        }
    }
}

#[cfg(test)]
impl ProbedRead {
    /// Returns a read with this answer and no duration.
    pub(super) fn of(resource: Resource, answer: Result<Fetched, ReadError>) -> Self {
        let (before, after) = Default::default();
        Self { resource, answer, before, after }
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{ReadError, Resource};

    use super::super::finding::Level;
    use super::{ProbedRead, judge};

    fn asked(why: ReadError) -> ProbedRead {
        ProbedRead::of(Resource::InvoicePayments, Err(why))
    }

    #[test]
    fn a_missing_permission_is_named() {
        let found = judge(&asked(ReadError::NotAllowed));
        assert_eq!(found.level, Level::Wrong);
        assert_eq!(
            &*found.found.en,
            "could not read invoice_payments: the key may not read it (403)"
        );
        assert!(found.advice.unwrap().en.ends_with(": Invoices: Read"));
    }

    #[test]
    fn a_key_that_stripe_does_not_know_is_wrong() {
        assert_eq!(judge(&asked(ReadError::WrongKey)).level, Level::Wrong);
    }

    #[test]
    fn what_may_pass_is_a_warning() {
        for why in [ReadError::TooMany, ReadError::Unreachable, ReadError::BudgetSpent] {
            assert_eq!(judge(&asked(why)).level, Level::Warning);
        }
    }
}
