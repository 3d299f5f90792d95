//! Exit codes and errors of commands. The numbers are a contract with scripts.

use std::fmt::{self, Display};
use std::process::ExitCode;

use portal_service::settings::SettingError;

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done, and all is well.
    Done,
    /// 1: done, and the check or the data that the command is about is wrong.
    FoundWrong,
    /// 2: the call was wrong.
    Misuse,
    /// 3: the call was right, but it could not be carried out.
    CouldNot,
}

/// The error of a command: one line that says what to do.
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// An error that a change of the call or of the configuration solves.
    pub(crate) fn misuse(message: impl Display) -> Self {
        Self { exit: Exit::Misuse, message: message.to_string() }
    }

    /// An error outside the call, such as a database that cannot be reached. The message is
    /// "could not WHAT: WHY".
    pub(crate) fn could_not(what: impl Display, why: impl Display) -> Self {
        Self { exit: Exit::CouldNot, message: format!("could not {what}: {why}") }
    }

    /// The command ran, and what it looked for is wrong or missing.
    pub(crate) fn found_wrong(message: impl Display) -> Self {
        Self { exit: Exit::FoundWrong, message: message.to_string() }
    }

    #[expect(clippy::print_stderr, reason = "the one place that reports a failure")]
    pub(crate) fn report(self) -> Exit {
        eprintln!("error: {self}");
        self.exit
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::misuse(error)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::FoundWrong => 1,
            Exit::Misuse => 2,
            Exit::CouldNot => 3,
        })
    }
}
