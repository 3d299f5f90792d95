//! The sums on pages are those of `donations totals`, and of the rows of their files, for random
//! stories.

#![expect(clippy::indexing_slicing, reason = "a column that is not there fails the test")]

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, offset};
use portal_contract::stripe::{
    Object, Told, charge, dispute, invoice, new, old, old_invoice, payment,
};
use portal_contract::{at, block_on};
use portal_domain::money::{for_people, number_for_people};
use portal_domain::{Currency, DonationFilter, Kind, Total};
use portal_service::period::{self, FiscalYearStart};
use portal_testkit::Result;
use proptest::prelude::{BoxedStrategy, Strategy as _, any};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use proptest::{collection, option};

use crate::support::{Console, NOW};

/// The random stories.
const STORIES: u32 = 200;

/// The minutes of a story: all of October and November 2025 from its 9th on, and some of December.
const MINUTES: i64 = 60 * 24 * 60;

const CURRENCIES: [&str; 3] = ["jpy", "usd", "kwd"];

/// The sums of a currency and kind: count, gross, refunded, lost and net.
type Sums = BTreeMap<(String, String), [i64; 5]>;

/// The form of a gift.
#[derive(Clone, Copy, Debug)]
enum Form {
    OneTime,
    /// Of an API version that leaves open if there is an invoice.
    Provisional,
    Recurring,
    Invoice,
    Failed,
}

/// A random gift, and what became of it.
#[derive(Clone, Debug)]
struct Gift {
    form: Form,
    amount: i64,
    currency: &'static str,
    is_test: bool,
    minute: i64,
    refunded: Option<i64>,
    is_lost: bool,
}

fn gift() -> BoxedStrategy<Gift> {
    use Form::{Failed, Invoice, OneTime, Provisional, Recurring};
    let form = select(vec![OneTime, OneTime, Provisional, Recurring, Recurring, Invoice, Failed]);
    let random = (
        form,
        1..2_000_000_i64,
        select(CURRENCIES.to_vec()),
        proptest::bool::weighted(0.2),
        0..MINUTES,
        option::weighted(0.3, 1..2_000_000_i64),
        any::<bool>(),
    );
    let gift = random.prop_map(|(form, amount, currency, is_test, minute, refunded, is_lost)| {
        let refunded = refunded.map(|it| it.min(amount));
        Gift { form, amount, currency, is_test, minute, refunded, is_lost }
    });
    gift.boxed()
}

impl Gift {
    fn told(&self, number: usize) -> Vec<Told> {
        let (pi, ch) = (format!("pi_{number}"), format!("ch_{number}"));
        let (invoice_id, du) = (format!("in_{number}"), format!("du_{number}"));
        let money = |it: Object| it.of_money(self.amount, self.currency);
        let at = self.minute * 60;
        let paid = || money(payment(&pi, "succeeded"));
        let mut told = match self.form {
            Form::OneTime => vec![old(at, "payment_intent.succeeded", paid())],
            Form::Provisional => vec![new(at, "payment_intent.succeeded", paid())],
            Form::Recurring => vec![
                old(at, "payment_intent.succeeded", paid().with("invoice", &*invoice_id)),
                old(at, "invoice.paid", money(old_invoice(&invoice_id, "paid", &pi))),
            ],
            Form::Invoice => vec![old(at, "invoice.paid", money(invoice(&invoice_id, "paid")))],
            Form::Failed => {
                let declined = serde_json::json!({"code": "card_declined"});
                let failed = money(payment(&pi, "requires_payment_method"));
                let failed = failed.with("last_payment_error", declined);
                vec![old(at, "payment_intent.payment_failed", failed)]
            }
        };
        if !matches!(self.form, Form::Invoice | Form::Failed) {
            if let Some(refunded) = self.refunded {
                let back = money(charge(&ch, &pi, "succeeded")).with("amount_refunded", refunded);
                told.push(new(at + 60, "charge.refunded", back));
            }
            if self.is_lost {
                let lost = money(dispute(&pi, "lost")).with("id", du).with("charge", ch);
                told.push(old(at + 120, "charge.dispute.closed", lost));
            }
        }
        let named = told.into_iter().enumerate();
        let named = named.map(|(part, it)| it.known_as(&format!("evt_{number}_{part}")));
        named.map(|it| if self.is_test { it.in_test_mode() } else { it }).collect()
    }
}

/// Tells a story to a new console.
fn told(gifts: &[Gift]) -> Result<Console> {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    let told = gifts.iter().enumerate().flat_map(|(number, it)| it.told(number));
    console.record(told.map(|it| it.event()))?;
    Ok(console)
}

/// Returns the sums of the paid donations in a file that are not provisional.
fn of_file(csv: &str) -> Sums {
    let mut lines = csv.lines();
    let heads: Vec<_> = lines.next().unwrap().split(',').collect();
    let mut sums = Sums::new();
    for line in lines {
        let row: BTreeMap<_, _> = heads.iter().copied().zip(line.split(',')).collect();
        if row["state"] != "paid" || row["provisional"] != "false" {
            continue;
        }
        let key = (row["currency"].to_owned(), row["kind"].to_owned());
        let sum = sums.entry(key).or_default();
        sum[0] += 1;
        for (place, column) in [(1, "amount"), (2, "refunded"), (3, "lost"), (4, "net")] {
            sum[place] += row[column].parse::<i64>().unwrap();
        }
    }
    sums
}

fn of_totals(totals: &[Total]) -> Sums {
    let sum = |it: &Total| {
        let key = (it.currency.to_string(), it.kind.name().to_owned());
        (key, [i64::try_from(it.count).unwrap(), it.gross, it.refunded, it.lost, it.net])
    };
    totals.iter().map(sum).collect()
}

/// Returns the rows of sums on a page, each as the texts of its cells.
fn shown(page: &str) -> Vec<Vec<&str>> {
    let rows = page.split("<tr").filter_map(|it| Some(it.split_once("</tr>")?.0));
    let rows = rows.filter(|it| it.contains("<th scope=\"row\">"));
    let cells = |row| str::split(row, '<').filter_map(|it| it.split_once('>')).map(|it| it.1);
    rows.map(|row| cells(row).filter(|it| !it.is_empty()).collect()).collect()
}

/// Returns the row of a sum as the page shows it.
fn row(currency: &str, kind: &str, [count, amounts @ ..]: [i64; 5]) -> Vec<String> {
    let of = Currency::new(currency).unwrap();
    let mut row = vec![currency.to_uppercase(), kind.to_owned()];
    row.push(number_for_people(count.unsigned_abs()));
    row.extend(amounts.map(|it| for_people(it, &of)));
    row
}

fn word(kind: &str) -> &str {
    match Kind::from_name(kind).unwrap() {
        Kind::OneTime => "one-time",
        Kind::Recurring => "recurring",
        Kind::Invoice => "by invoice",
    }
}

/// Compares what a page and its file say with the totals of the same filter.
fn compare(console: &Console, path: &str, query: &str, filter: &DonationFilter) -> Result {
    let sums = of_totals(&block_on(console.store.totals(filter))?);
    let page = console.get(&format!("{path}?{query}")).answer()?;
    let rows = shown(&page.body);
    for ((currency, kind), sum) in &sums {
        let due = row(currency, word(kind), *sum);
        assert!(rows.iter().any(|it| *it == due), "{path}?{query}: {due:?} in {rows:?}");
    }
    let certain = rows.iter().filter(|it| !["all", "provisional"].contains(&it[1]));
    assert_eq!(certain.count(), sums.len(), "{path}?{query}: {rows:?}");
    let file = console.get(&format!("/ops/donations.csv?{query}")).answer()?;
    assert_eq!(of_file(&file.body), sums, "{query}");
    Ok(())
}

/// Compares each page about a story with its totals: of all, of a month, and of one currency and kind.
fn compare_all(gifts: &[Gift]) -> Result {
    let console = told(gifts)?;
    let tokyo = TimeZone::fixed(offset(9));
    let november = period::period("2025-11")?.bounds(FiscalYearStart::new(4).ok_or("no month")?);
    let [since, until] = november.map(|it| it.in_zone(&tokyo, at(NOW)).ok());
    for livemode in [true, false] {
        let mode = if livemode { "mode=live" } else { "mode=test" };
        let all = DonationFilter { livemode: Some(livemode), ..DonationFilter::default() };
        compare(&console, "/ops/donations", mode, &all)?;
        let month = DonationFilter { since, until, ..all.clone() };
        let query = format!("{mode}&period=2025-11");
        compare(&console, "/ops/donations", &query, &month)?;
        compare(&console, "/ops/statement", &format!("{query}&state=paid"), &month)?;
        let (currency, kind) = (Currency::new("usd"), Some(Kind::OneTime));
        let usd = DonationFilter { currency, kind, ..all };
        compare(&console, "/ops/donations", &format!("{mode}&currency=usd&kind=one_time"), &usd)?;
    }
    Ok(())
}

#[test]
fn sums_on_pages_are_those_of_totals_and_of_the_rows_for_random_stories() {
    let config = Config { failure_persistence: None, ..Config::with_cases(STORIES) };
    let stories = collection::vec(gift(), 0..12);
    let compared = TestRunner::new(config).run(&stories, |gifts| {
        compare_all(&gifts).map_err(|error| TestCaseError::fail(error.to_string()))
    });
    compared.unwrap();
}
