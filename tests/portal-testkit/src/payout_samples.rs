//! The sets of `samples/payouts`: Stripe's answers about payouts, and the statements that are due.

use std::fs;
use std::path::Path;

use serde_json::Value;

mod known;

use crate::Result;
use crate::events::Sample;
use crate::stripe::Account;

/// The folder of all sets.
pub const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/payouts");

/// The newest version, which the answers are in.
const VERSION: &str = "2026-10-28.endive";

/// A time after all sets: 2027-01-15T08:00:00Z.
const LATER: i64 = 1_800_000_000;

/// One set.
pub struct PayoutSet {
    /// Shows the set as it is in the end, and the payments of the ledger.
    pub account: Account,
    /// The end of the set, in Unix seconds.
    pub now: i64,
    /// In the order of their names, by version.
    pub events: Vec<Sample>,
    /// The donations that must be known.
    pub ledger: Value,
    /// The statements that are due.
    pub expected: Value,
}

/// Returns the names of all sets, such as `06-differs/a-line-is-missing`.
///
/// # Errors
/// If a folder cannot be read.
pub fn names() -> Result<Vec<String>> {
    let mut found = Vec::new();
    find(Path::new(SAMPLES), "", &mut found)?;
    found.sort();
    Ok(found)
}

impl PayoutSet {
    /// Reads the set of this name.
    ///
    /// # Errors
    /// If a file is missing or is no JSON.
    pub fn read(name: &str) -> Result<Self> {
        let folder = Path::new(SAMPLES).join(name);
        let (ledger, expected) =
            (json(&folder.join("ledger.json"))?, json(&folder.join("expected.json"))?);
        let mut account = Account::live(VERSION);
        account.balance.opening = expected["account"]["opening"].as_i64().unwrap_or_default();
        show_answers(&mut account, &folder.join("api"))?;
        known::show(&mut account, &ledger);
        let now = expected["account"]["until"].as_i64().unwrap_or(LATER);
        Ok(Self { account, now, events: events(&folder)?, ledger, expected })
    }
}

fn find(folder: &Path, name: &str, found: &mut Vec<String>) -> Result {
    if folder.join("expected.json").exists() {
        found.push(name.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let below = format!("{name}/{}", entry.file_name().display());
            find(&entry.path(), below.trim_start_matches('/'), found)?;
        }
    }
    Ok(())
}

/// Shows the payouts, the lines with their pages, and the sources of the lines.
fn show_answers(account: &mut Account, folder: &Path) -> Result {
    let payouts = json(&folder.join("v1_payouts.json"))?;
    let payouts = payouts["data"].as_array().cloned().unwrap_or_default();
    let only = payouts.first().and_then(|it| it["id"].as_str()).map(str::to_owned);
    for (file, payout) in answers(folder, only)? {
        let page = json(&folder.join(file))?;
        let lines = page["data"].as_array().cloned().unwrap_or_default();
        if page["has_more"] == true {
            account.balance.page_max = lines.len();
        }
        // Within a second the newest line is the one that was put last.
        for line in lines.into_iter().rev() {
            let source = line["source"].clone();
            if matches!(source["object"].as_str(), Some("charge" | "refund" | "dispute")) {
                account.show(source);
            }
            account.show_line(line, payout.as_deref());
        }
    }
    payouts.into_iter().for_each(|it| account.show(it));
    Ok(())
}

/// Returns the files of lines, the last page first, each with the payout in whose list they are. A set
/// that does not name its requests has one payout.
fn answers(folder: &Path, only: Option<String>) -> Result<Vec<(String, Option<String>)>> {
    let requests = folder.join("requests.json");
    if !requests.exists() {
        return Ok(vec![("v1_balance_transactions.page1.json".to_owned(), only)]);
    }
    let requests = json(&requests)?;
    let requests = requests.as_array().into_iter().flatten().rev();
    let requests = requests.filter(|it| {
        let asked = it["request"].as_str().unwrap_or_default();
        asked.starts_with("GET /v1/balance_transactions") && it.get("status").is_none()
    });
    let answer = |it: &Value| {
        let asked = it["request"].as_str().unwrap_or_default().split(['?', '&']);
        let payout = asked.filter_map(|it| it.strip_prefix("payout=")).next_back();
        (it["answer"].as_str().unwrap_or_default().to_owned(), payout.map(str::to_owned))
    };
    Ok(requests.map(answer).collect())
}

fn events(folder: &Path) -> Result<Vec<Sample>> {
    let folder = folder.join("events");
    let mut names = Vec::new();
    if folder.exists() {
        for version in fs::read_dir(&folder)? {
            let version = version?;
            for file in fs::read_dir(version.path())? {
                let (version, file) = (version.file_name(), file?.file_name());
                names.push(format!("{}/{}", version.display(), file.display()));
            }
        }
    }
    names.sort();
    names.iter().map(|name| Sample::read(&folder.display().to_string(), name)).collect()
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
