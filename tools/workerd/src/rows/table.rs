//! The table in the document, compared with what is measured.

use xtask::run::Failure;

use super::metered::Cost;

/// The document has each as a row of a table.
const PERFORMANCE: &str = include_str!("../../../../docs/performance.md");

/// The measured costs by name.
pub(super) type Measured = Vec<(String, Cost)>;

/// Fails where the document does not have each of these, and one after another.
pub(super) fn compare(measured: &Measured) -> Result<(), Failure> {
    let due: String = measured.iter().map(row).collect();
    if PERFORMANCE.contains(&due) {
        print!("{due}");
        return Ok(());
    }
    for it in measured {
        let row = row(it);
        let mark = if PERFORMANCE.contains(&row) { ' ' } else { '+' };
        print!("{mark} {row}");
    }
    Err("docs/performance.md has other figures; the rows marked + are what was measured".into())
}

fn row((name, cost): &(String, Cost)) -> String {
    let Cost { batches, rows_read, rows_written } = cost;
    let [batches, read, written] = [*batches, *rows_read, *rows_written].map(for_people);
    format!("| {name} | {batches} | {read} | {written} |\n")
}

/// With a comma before each three digits.
fn for_people(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", for_people(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::for_people;

    #[test]
    fn numbers_have_commas() {
        let shown = [0, 999, 1000, 45_006, 1_000_000].map(for_people);
        assert_eq!(shown, ["0", "999", "1,000", "45,006", "1,000,000"]);
    }
}
