//! The personal data of the sample events is on no page and in no file about money.

use portal_contract::stripe::from_file;
use portal_testkit::Result;
use portal_testkit::events::samples;
use portal_testkit::needles::Needles;

use crate::support::Console;

#[test]
fn no_page_or_file_about_money_has_personal_data() -> Result {
    let console = Console::new(&[])?;
    for sample in samples()? {
        console.record([from_file(&sample.body).event()])?;
    }
    let needles = Needles::of_the_samples()?;
    let list = console.get("/ops/donations.csv").answer()?;
    let ids = list.body.lines().skip(1).filter_map(|it| it.split(',').next());
    let pages = ids.map(|id| format!("/ops/donations/{id}"));
    let lists = ["", ".csv", ".json", ".csv?excel=1"].map(|it| format!("/ops/donations{it}"));
    let others = ["/ops/", "/ops/statement?period=2025", "/ops/statement?period=2024"];
    let mut read = 0;
    for path in pages.chain(lists).chain(others.map(str::to_owned)) {
        let answer = console.get(&path).answer()?;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        assert_eq!(needles.found_in(answer.body.as_bytes()).len(), 0, "{path}: {}", answer.body);
        read += 1;
    }
    assert!(read > 10, "{read} pages");
    Ok(())
}
