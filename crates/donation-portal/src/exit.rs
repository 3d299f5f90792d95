//! Exit codes and errors of commands. The numbers are a contract with scripts.

use std::fmt::Display;
use std::process::ExitCode;

use portal_domain::{Advise, Text, text};
use portal_outbound::Language;
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

/// The error of a command, in each language.
pub(crate) struct Failure {
    exit: Exit,
    /// The setting, the step or the object that the error is about.
    what: Text,
    why: Text,
    /// The next step of the operator.
    advice: Option<Text>,
}

impl Failure {
    /// An error in the call or the configuration; `what` is the name of the argument or variable.
    pub(crate) fn misuse(what: impl Display, why: impl Into<Text>) -> Self {
        Self::new(Exit::Misuse, Text::same(what), why)
    }

    /// An error outside the call, such as a database that cannot be reached; `what` completes
    /// "could not …" in English, and is a whole clause in Japanese.
    pub(crate) fn could_not(what: Text, why: impl Into<Text>) -> Self {
        let Text { en, ja } = what;
        Self::new(Exit::CouldNot, text!("could not {en}", "{ja}"), why)
    }

    /// The command ran, and `what` it looked for is wrong or missing.
    pub(crate) fn found_wrong(what: Text, why: impl Into<Text>) -> Self {
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

    pub(crate) fn advise(self, advice: Text) -> Self {
        Self { advice: Some(advice), ..self }
    }

    pub(crate) fn advice(&self) -> Option<&Text> {
        self.advice.as_ref()
    }

    /// Returns the error without its advice.
    pub(crate) fn finding(&self) -> Text {
        self.what.about(&self.why)
    }

    /// Returns the error and its advice.
    pub(crate) fn text(&self) -> Text {
        match &self.advice {
            Some(advice) => self.finding().then(advice),
            None => self.finding(),
        }
    }

    #[expect(clippy::print_stderr, reason = "the one place that reports a failure")]
    pub(crate) fn report(&self, language: Language) -> Exit {
        let error = text!("error", "エラー").about(&self.text());
        eprintln!("{}", language.choose(&error));
        self.exit
    }

    fn new(exit: Exit, what: Text, why: impl Into<Text>) -> Self {
        Self { exit, what, why: why.into(), advice: None }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::misuse(error.name, error.why).advise(error.advice)
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
