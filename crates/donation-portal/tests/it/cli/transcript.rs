//! Conversations on the command line, as files to be read.
//!
//! A line that begins with `$ ` is typed into a shell, together with lines below that begin with `> `,
//! and what comes back stands below: standard output, standard error with `! ` before each line, and an
//! exit code other than 0 after `? `. All lines of a file are typed into one `bash`. Other lines are
//! remarks if they begin with `# `. `[..]` stands for some characters of a line, as `snapbox` has it.
//! `SNAPSHOTS=overwrite` writes what came back into the file, to be read before a commit: a `[..]` beside
//! a line that changed is lost and must be put back.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Data, Redactions};

use crate::support::Result;
use crate::support::home::{PROGRAM, TestHome, finish};

/// The folders that a shell of these tests looks for commands in, besides that of the program.
const SYSTEM: &str = "/usr/local/bin:/usr/bin:/bin";

/// The beginning of each script: a pipe fails where one of its commands does, and a function prints what
/// came back from the command before.
const ANSWER: &str = r#"set -o pipefail
answer() {
    local code=$?
    awk '{ sub(/ +$/, ""); print }' "$ANSWERS/out"
    awk '{ print "! " $0 }' "$ANSWERS/err"
    if [ $code != 0 ]; then echo "? $code"; fi
}
"#;

/// Makes a test of each transcript of this topic, in a home that the function before it makes: once, on
/// each store, or on PostgreSQL only.
macro_rules! transcripts {
    ($topic:literal, once; $($home:expr => $($test:ident)+;)+) => {
        $($(#[test]
        fn $test() -> $crate::support::Result {
            $home()?.replay(concat!($topic, "/", stringify!($test)))
        })+)+
    };
    ($topic:literal, on_postgres; $($home:expr => $($test:ident)+;)+) => {
        $($(fn $test() -> $crate::support::Result {
            $home($crate::support::home::On::Postgres)?
                .replay(concat!($topic, "/", stringify!($test)))
        })+)+

        on_postgres! { $($($test)+)+ }
    };
    ($topic:literal, on_each_store; $($home:expr => $($test:ident)+;)+) => {
        $($(fn $test(on: $crate::support::home::On) -> $crate::support::Result {
            $home(on)?.replay(concat!($topic, "/", stringify!($test)))
        })+)+

        on_each_store! { $($($test)+)+ }
    };
}

impl TestHome {
    /// Types the commands of a transcript, and asserts that it comes out the same.
    pub(crate) fn replay(&self, name: &str) -> Result {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli").join(name);
        let file = file.with_extension("txt");
        let transcript = self.type_in(&script(&fs::read_to_string(&file)?)?)?;
        let mut redactions = Redactions::new();
        redactions.insert("[HOME]", self.path("").display().to_string())?;
        redactions.insert("[DATABASE]", self.shown_url())?;
        for (name, value) in &self.variables {
            redactions.insert(format!("[{name}]").leak(), value.clone())?;
        }
        Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .normalize_paths(false)
            .redact_with(redactions)
            .eq(transcript, Data::read_from(&file, None));
        Ok(())
    }

    /// Returns what a shell prints that runs `script`.
    fn type_in(&self, script: &str) -> Result<String> {
        let folder = Path::new(PROGRAM).parent().ok_or("a program is in a folder")?;
        let answers = tempfile::tempdir()?;
        let mut shell = self.configured("bash", &["-c", script]);
        shell.env("PATH", format!("{}:{SYSTEM}", folder.display())).env("ANSWERS", answers.path());
        let said = finish(shell.envs(self.variables.iter().cloned()))?;
        match said.code {
            Some(0) => Ok(said.stdout),
            code => Err(format!("the shell ended with {code:?}: {}", said.all()).into()),
        }
    }
}

/// Returns the script that prints the transcript with the answers of now.
fn script(transcript: &str) -> Result<String> {
    let mut script = ANSWER.to_owned();
    let mut lines = transcript.lines().peekable();
    while let Some(line) = lines.next() {
        let mut shown = vec![line];
        let mut typed: Vec<&str> = line.strip_prefix("$ ").into_iter().collect();
        if typed.is_empty() && !line.starts_with("# ") {
            continue;
        }
        while let Some(more) = lines.next_if(|it| !typed.is_empty() && it.starts_with("> ")) {
            shown.push(more);
            typed.extend(more.strip_prefix("> "));
        }
        writeln!(script, "cat <<'END OF LINE'\n{}\nEND OF LINE", shown.join("\n"))?;
        if !typed.is_empty() {
            let typed = typed.join("\n");
            writeln!(script, "{{ {typed}\n}} >\"$ANSWERS/out\" 2>\"$ANSWERS/err\"; answer")?;
        }
    }
    Ok(script + "exit 0\n")
}
