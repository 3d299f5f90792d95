//! Invalid calls.

use crate::support::Result;
use crate::support::home::TestHome;

#[test]
fn an_invalid_call_is_misuse() -> Result {
    let home = TestHome::new()?;
    for args in [
        &[][..],
        &["reconcile-everything"],
        &["serve", "--no-such-flag"],
        &["events"],
        &["events", "list", "--limit", "0"],
        &["events", "list", "--state", "done?"],
        &["events", "list", "--since", "lately"],
        &["events", "list", "--type", "Not A Type"],
        &["events", "list", "--format", "yaml"],
        &["events", "show"],
        &["events", "show", "evt_1; drop table event"],
        &["events", "list", "--since", "2026"],
        &["events", "retry"],
        &["events", "retry", "--yes"],
        &["events", "ignore", "--dry-run"],
        &["events", "retry", "evt_1", "--yes", "--dry-run"],
        &["events", "retry", "--state", "failed"],
        &["events", "retry", "--until", "lately"],
        &["donations"],
        &["donations", "list", "--limit", "0"],
        &["donations", "list", "--since", "2026-02-30"],
        &["donations", "list", "--since", "2026-11-22", "--until", "2026-11-21"],
        &["donations", "list", "--since", "1969-12-31"],
        &["donations", "list", "--period", "2026-13"],
        &["donations", "list", "--period", "2026-11", "--since", "2026-11-22"],
        &["donations", "list", "--time-zone", "JST"],
        &["donations", "list", "--currency", "yen!"],
        &["donations", "list", "--kind", "monthly"],
        &["donations", "list", "--mode", "prod"],
        &["donations", "list", "--state", "done"],
        &["donations", "list", "--provisional", "--certain"],
        &["donations", "show"],
        &["donations", "show", "pi_1; drop table payment"],
        &["donations", "totals", "--state", "paid"],
        &["donations", "export", "--force"],
        &["donations", "export", "--format", "table"],
        &["alerts"],
        &["alerts", "list", "--limit", "0"],
        &["prune", "--older-than-days", "29"],
        &["backup"],
        &["copy", "--to", "postgres://db/gifts"],
        &["copy", "--from", "postgres://db/gifts", "--to", "sqlite://portal.db"],
        &["send", "--count", "0"],
        &["send", "--connections", "0"],
        &["send", "--rate", "0"],
        &["send", "--type", "no.such.sample"],
        &["send", "--file", "no-such-file.json"],
        &["verify"],
        &["verify", "--body", "no-such-file.json"],
        &["completions", "tcl"],
    ] {
        let said = home.run(args)?;
        assert_eq!(said.code, Some(2), "{args:?}: {}", said.all());
        assert_eq!(said.stdout, "", "{args:?}");
        assert_ne!(said.stderr, "", "{args:?}");
    }
    Ok(())
}
