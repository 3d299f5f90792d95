//! Exit codes and errors of commands. The numbers are a contract with scripts.

use std::fmt::{self, Display};
use std::process::ExitCode;

use portal_domain::Advise;
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

/// The error of a command.
pub(crate) struct Failure {
    exit: Exit,
    /// The setting, the step or the object that the error is about.
    what: String,
    why: String,
    /// The next step of the operator.
    advice: Option<String>,
}

impl Failure {
    /// An error in the call or the configuration; `what` is the name of the argument or variable.
    pub(crate) fn misuse(what: impl Display, why: impl Display) -> Self {
        Self::new(Exit::Misuse, what, why)
    }

    /// An error outside the call, such as a database that cannot be reached; `what` completes
    /// "could not …".
    pub(crate) fn could_not(what: impl Display, why: impl Display) -> Self {
        Self::new(Exit::CouldNot, format_args!("could not {what}"), why)
    }

    /// The command ran, and `what` it looked for is wrong or missing.
    pub(crate) fn found_wrong(what: impl Display, why: impl Display) -> Self {
        Self::new(Exit::FoundWrong, what, why)
    }

    /// Makes errors of the argument or variable of that name.
    pub(crate) fn setting<E: Advise>(name: &'static str) -> impl Fn(E) -> Self + Copy {
        move |error| Self::misuse(name, &error).with(&error)
    }

    /// Adds the advice of `error`, if it has any.
    pub(crate) fn with(self, error: &impl Advise) -> Self {
        match error.advice() {
            Some(advice) => self.advise(advice),
            None => self,
        }
    }

    pub(crate) fn advise(self, advice: impl Display) -> Self {
        Self { advice: Some(advice.to_string()), ..self }
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Formats the error without its advice.
    pub(crate) fn finding(&self) -> impl Display {
        fmt::from_fn(|f| write!(f, "{}: {}", self.what, self.why))
    }

    #[expect(clippy::print_stderr, reason = "the one place that reports a failure")]
    pub(crate) fn report(self) -> Exit {
        eprintln!("error: {self}");
        self.exit
    }

    fn new(exit: Exit, what: impl Display, why: impl Display) -> Self {
        Self { exit, what: what.to_string(), why: why.to_string(), advice: None }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::misuse(error.name, &error.why).advise(error.advice)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.advice {
            Some(advice) => write!(f, "{}; {advice}", self.finding()),
            None => self.finding().fmt(f),
        }
    }
}

impl Exit {
    /// Returns the exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::FoundWrong => 1,
            Self::Misuse => 2,
            Self::CouldNot => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
