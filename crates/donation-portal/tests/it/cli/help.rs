//! `--help` and `--version`.

use crate::cli::assert_done;
use crate::support::Result;
use crate::support::home::{PROGRAM, TestHome, finish};

const SIGNING: [&str; 2] = ["STRIPE_WEBHOOK_SECRET", "SIGNATURE_TOLERANCE_SECONDS"];
const DATABASE: [&str; 1] = ["DATABASE_URL"];
const MIGRATING: [&str; 1] = ["NO_MIGRATE"];
const ZONE: [&str; 1] = ["TIME_ZONE"];
const SERVICE: [&str; 3] = ["LISTEN_ADDR", "LOG_FORMAT", "RUST_LOG"];

#[test]
fn every_command_helps_and_names_the_variables_it_takes() -> Result {
    let of_serve = [&SIGNING[..], &DATABASE, &MIGRATING, &SERVICE].concat();
    let of_dev = [&SIGNING[..1], &DATABASE, &MIGRATING, &SERVICE].concat();
    let of_send = [&SIGNING[..1], &DATABASE].concat();
    let of_donations = [&DATABASE[..], &ZONE].concat();
    let commands: [(&[&str], &[&str]); 24] = [
        (&[], &[]),
        (&["serve"], &of_serve),
        (&["dev"], &of_dev),
        (&["send"], &of_send),
        (&["verify"], &SIGNING),
        (&["events"], &[]),
        (&["events", "list"], &DATABASE),
        (&["events", "show"], &DATABASE),
        (&["events", "retry"], &DATABASE),
        (&["events", "ignore"], &DATABASE),
        (&["donations"], &[]),
        (&["donations", "list"], &of_donations),
        (&["donations", "show"], &of_donations),
        (&["donations", "totals"], &of_donations),
        (&["donations", "export"], &of_donations),
        (&["doctor"], &of_serve),
        (&["alerts", "list"], &DATABASE),
        (&["prune"], &DATABASE),
        (&["backup"], &DATABASE),
        (&["restore"], &of_donations),
        (&["copy"], &DATABASE),
        (&["config"], &of_serve),
        (&["migrate"], &DATABASE),
        (&["completions"], &[]),
    ];
    let home = TestHome::new()?;
    for (command, variables) in commands {
        for flag in ["--help", "-h"] {
            let said = finish(
                home.bare(PROGRAM, &[command, &[flag]].concat())
                    .env("STRIPE_WEBHOOK_SECRET", "whsec_4471")
                    .env("DATABASE_URL", "postgres://user:pa55word@host/db"),
            )?;
            assert_done(&said);
            assert!(said.stdout.contains("Usage:"), "{command:?}");
            // The words are joined, because a line may break anywhere.
            let help: Vec<&str> = said.stdout.split_whitespace().collect();
            let help = help.join(" ");
            for variable in variables {
                let shown = format!("[env: {variable}");
                assert!(help.contains(&shown), "{variable} of {command:?}");
            }
            for secret in ["whsec_4471", "pa55word"] {
                assert!(!said.all().contains(secret), "{secret} by {command:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_program_says_what_it_can_do_and_how_it_ends() -> Result {
    let home = TestHome::new()?;
    let said = finish(&mut home.bare(PROGRAM, &["--help"]))?;
    for word in [
        "serve",
        "dev",
        "send",
        "verify",
        "events",
        "donations",
        "doctor",
        "alerts",
        "config",
        "migrate",
        "prune",
        "backup",
        "restore",
        "copy",
        "completions",
    ] {
        assert!(said.stdout.contains(&format!("\n  {word} ")), "{word}");
    }
    assert!(
        said.stdout.contains("Exit codes: 0 done, 1 found something wrong, 2 misuse, 3 could not")
    );
    Ok(())
}

#[test]
fn every_command_prints_the_version() -> Result {
    let home = TestHome::new()?;
    for command in [&["--version"][..], &["serve", "--version"], &["events", "list", "--version"]] {
        let said = finish(&mut home.bare(PROGRAM, command))?;
        assert_done(&said);
        assert!(said.stdout.contains(env!("CARGO_PKG_VERSION")), "{command:?}");
    }
    Ok(())
}
