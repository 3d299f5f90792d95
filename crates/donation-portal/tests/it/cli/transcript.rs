//! Conversations on the command line, as files to be read.
//!
//! A line that begins with `$ ` is typed into a shell, and what comes back stands below: standard
//! output, standard error with `! ` before each line, and an exit code other than 0 after `? `. Other
//! lines are remarks if they begin with `# `. `[..]` stands for some characters of a line, as `snapbox`
//! has it. `SNAPSHOTS=overwrite` writes what came back into the file, to be read before a commit.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Data, Redactions};

use crate::support::Result;
use crate::support::home::{PROGRAM, TestHome, finish};

/// The folders that a shell of these tests looks for commands in, besides that of the program.
const SYSTEM: &str = "/usr/local/bin:/usr/bin:/bin";

/// Makes a test of each transcript of this topic, on each store, in a home that `$home` makes.
macro_rules! transcripts {
    ($topic:literal, $home:expr; $($test:ident)*) => {
        $(fn $test(on: $crate::support::home::On) -> $crate::support::Result {
            $home(on)?.replay(concat!($topic, "/", stringify!($test)), &[])
        })*

        on_each_store! { $($test)* }
    };
}

impl TestHome {
    /// Types the commands of a transcript with these variables, and asserts that it comes out the same.
    pub(crate) fn replay(&self, name: &str, variables: &[(&str, &str)]) -> Result {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli").join(name);
        let file = file.with_extension("txt");
        let mut transcript = String::new();
        for line in fs::read_to_string(&file)?.lines() {
            if let Some(typed) = line.strip_prefix("$ ") {
                write!(transcript, "{line}\n{}", self.answer(typed, variables)?)?;
            } else if line.starts_with("# ") {
                writeln!(transcript, "{line}")?;
            }
        }
        let mut redactions = Redactions::new();
        redactions.insert("[HOME]", self.path("").display().to_string())?;
        redactions.insert("[DATABASE]", self.shown_url())?;
        for (name, value) in variables {
            redactions.insert(format!("[{name}]").leak(), (*value).to_owned())?;
        }
        Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .normalize_paths(false)
            .redact_with(redactions)
            .eq(transcript, Data::read_from(&file, None));
        Ok(())
    }

    /// Returns what comes back when this is typed.
    fn answer(&self, typed: &str, variables: &[(&str, &str)]) -> Result<String> {
        let folder = Path::new(PROGRAM).parent().ok_or("a program is in a folder")?;
        let mut shell = self.configured("sh", &["-c", typed]);
        shell.env("PATH", format!("{}:{SYSTEM}", folder.display()));
        let said = finish(shell.envs(variables.iter().copied()))?;
        let printed: String =
            said.stdout.lines().map(|it| format!("{}\n", it.trim_end())).collect();
        let errors: String = said.stderr.lines().map(|it| format!("! {it}\n")).collect();
        let code = match said.code {
            Some(0) => String::new(),
            Some(code) => format!("? {code}\n"),
            None => "? killed\n".to_owned(),
        };
        Ok(format!("{printed}{errors}{code}"))
    }
}
