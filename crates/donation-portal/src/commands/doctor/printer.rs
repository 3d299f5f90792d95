//! The output of `doctor`.

use std::collections::BTreeSet;
use std::time::Duration;

use console::{Alignment, Style, pad_str};
use indicatif::ProgressBar;
use portal_outbound::Language;
use portal_service::doctor::{CheckFinding, Level};
use portal_service::json::FindingLine;

use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat, counted};

/// The interval between updates of the progress shown.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The width of the first column: of the longest level, `not_checked`.
const LEVEL_COLUMNS: usize = 11;

/// Keeps the findings until the first line can say what they come to.
pub(super) struct Printer {
    format: OneFormat,
    /// The language for people; data is in English.
    language: Language,
    findings: Vec<CheckFinding>,
    /// Shows on a terminal that the checks go on, because some take seconds.
    progress: ProgressBar,
}

impl Printer {
    pub(super) fn new(format: OneFormat, language: Language) -> Self {
        let progress = ProgressBar::new_spinner();
        progress.enable_steady_tick(PROGRESS_INTERVAL);
        Self { format, language, findings: Vec::new(), progress }
    }

    /// Takes findings. As JSON each is printed at once.
    pub(super) fn print(
        &mut self,
        findings: impl IntoIterator<Item = CheckFinding>,
    ) -> Result<(), Failure> {
        for finding in findings {
            if self.format == OneFormat::Json {
                output::print_json(&FindingLine::of(&finding))?;
            }
            self.progress.set_message(finding.check.name());
            self.findings.push(finding);
        }
        Ok(())
    }

    /// Prints the first line and all findings for people. Returns [`Exit::FoundWrong`] if one is wrong.
    pub(super) fn end(self) -> Result<Exit, Failure> {
        self.progress.finish_and_clear();
        if self.format == OneFormat::Text {
            let colours = console::colors_enabled();
            let language = self.language;
            output::print(summary(&self.findings, language))?;
            let line = |it| output::print(line(it, language, colours));
            self.findings.iter().try_for_each(line)?;
        }
        let is_wrong = self.findings.iter().any(|it| it.level == Level::Wrong);
        Ok(if is_wrong { Exit::FoundWrong } else { Exit::Done })
    }
}

/// Returns one line on all findings, such as `1 wrong, 2 warnings` or `all 19 checks ok`.
fn summary(findings: &[CheckFinding], language: Language) -> String {
    let count = |level| findings.iter().filter(|it| it.level == level).count() as u64;
    let (wrong, warnings) = (count(Level::Wrong), count(Level::Warning));
    let not_checked = count(Level::NotChecked);
    let parts = [
        (wrong, Level::Wrong, format!("{wrong} wrong")),
        (warnings, Level::Warning, counted(warnings, "warning")),
        (not_checked, Level::NotChecked, format!("{not_checked} not checked")),
    ];
    let part = |(count, level, en): (u64, Level, String)| {
        let in_japanese = format!("{} {count} 件", level.word(language));
        (count > 0).then(|| language.pick(en, in_japanese))
    };
    let parts: Vec<_> = parts.into_iter().filter_map(part).collect();
    if parts.is_empty() {
        let checks: BTreeSet<&str> = findings.iter().map(|it| it.check.name()).collect();
        let checks = checks.len() as u64;
        return language.pick(
            format!("all {} ok", counted(checks, "check")),
            format!("{checks} 項目すべて正常です"),
        );
    }
    parts.join(language.pick(", ", "、"))
}

/// Formats a finding as one line, with the advice in a second one.
fn line(finding: &CheckFinding, language: Language, colours: bool) -> String {
    let CheckFinding { check, level, found, advice } = finding;
    let word = pad_str(level.word(language), LEVEL_COLUMNS, Alignment::Left, None);
    let word = colour(*level).force_styling(colours).apply_to(word);
    let first = format!("{word}  {:11}  {}", check.name(), language.choose(found));
    let runbook = finding
        .runbook()
        .map(|it| language.pick(format!(" (runbook: {it})"), format!("（運用手順書: {it}）")));
    let runbook = runbook.unwrap_or_default();
    match advice {
        None => first,
        Some(advice) => {
            format!("{first}\n{:26}{}{runbook}", "", language.choose(advice))
        }
    }
}

/// Returns the colour of a level on a terminal.
fn colour(level: Level) -> Style {
    match level {
        Level::Ok => Style::new().green(),
        Level::Warning => Style::new().yellow(),
        Level::Wrong => Style::new().red(),
        Level::NotChecked => Style::new().dim(),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{Text, text};
    use portal_outbound::Language;

    use portal_service::doctor::{Check, CheckFinding};

    use super::{line, summary};

    fn fine() -> Text {
        text!("fine", "問題なし")
    }

    fn look_there() -> Text {
        text!("look there", "そちらを参照")
    }

    #[test]
    fn for_people_it_is_one_line_with_the_advice_below_in_their_language() {
        let ok = CheckFinding::ok(Check::Key, fine());
        assert_eq!(line(&ok, Language::En, false), "ok           key          fine");
        assert_eq!(line(&ok, Language::Ja, false), "正常         key          問題なし");
        let found = text!("not read", "未読");
        let not_checked = CheckFinding::not_checked(Check::Provisional, found, look_there());
        assert_eq!(
            line(&not_checked, Language::En, false),
            "not_checked  provisional  not read\n\
             \x20                         look there (runbook: doctor, provisional)"
        );
        assert_eq!(
            line(&not_checked, Language::Ja, false),
            "未確認       provisional  未読\n\
             \x20                         そちらを参照（運用手順書: doctor, provisional）"
        );
    }

    #[test]
    fn on_a_terminal_the_level_is_coloured() {
        let wrong = CheckFinding::wrong(Check::Key, text!("bad", "不良"), look_there());
        let wrong = line(&wrong, Language::En, true);
        assert!(wrong.starts_with("\x1b[31mwrong      \x1b[0m  key"), "{wrong:?}");
    }

    #[test]
    fn the_first_line_counts_what_is_not_ok() {
        let ok = CheckFinding::ok(Check::Key, fine());
        let warning = CheckFinding::warning(Check::Disk, fine(), look_there());
        let wrong = CheckFinding::wrong(Check::Disk, fine(), look_there());
        let not_checked = CheckFinding::not_checked(Check::Clock, fine(), look_there());
        let said =
            |findings: &[CheckFinding]| Language::ALL.map(|language| summary(findings, language));
        let disk = CheckFinding::ok(Check::Disk, fine());
        assert_eq!(said(&[ok.clone(), disk]), ["all 2 checks ok", "2 項目すべて正常です"]);
        let some = [ok.clone(), wrong, warning.clone(), warning];
        assert_eq!(said(&some), ["1 wrong, 2 warnings", "問題あり 1 件、警告 2 件"]);
        assert_eq!(said(&[ok, not_checked]), ["1 not checked", "未確認 1 件"]);
    }
}
