//! Everything that the program stores, logs, answers and prints, collected to be searched.

use std::collections::BTreeSet;
use std::fs;

use portal_testkit::needles::Needles;

use crate::support::Result;
use crate::support::event::{self, OTHER_SECRET, SECRET, Sample};
use crate::support::home::{Said, TestHome};
use crate::support::http::{Answer, delivery, delivery_head};
use crate::support::server::Server;

/// Stored and printed bytes, each with its place.
#[derive(Default)]
pub(crate) struct Evidence(Vec<(String, Vec<u8>)>);

impl Evidence {
    pub(crate) fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    /// Returns the `needles` found, each with its place.
    pub(crate) fn of<'n>(&self, needles: &'n Needles) -> BTreeSet<(&str, &'n str)> {
        let places = self.0.iter();
        places
            .flat_map(|(place, bytes)| {
                let found = needles.found_in(bytes);
                found.into_iter().map(move |text| (place.as_str(), text))
            })
            .collect()
    }

    pub(crate) fn add_answer(&mut self, answer: &Answer) {
        self.add("answers", format!("{}\n\n{}\n", answer.head, answer.body));
    }

    fn add_said(&mut self, said: &Said) {
        self.add("commands", said.all());
    }

    /// Adds everything at rest in the home.
    pub(crate) fn add_kept(&mut self, home: &TestHome) -> Result {
        self.0.extend(home.kept()?);
        Ok(())
    }

    /// Delivers a sample in every way that may succeed or fail.
    pub(crate) fn add_deliveries(&mut self, server: &Server, sample: &Sample) -> Result {
        let body = sample.body.as_bytes();
        for _ in 0..2 {
            let answer = server.deliver(body)?;
            assert_eq!(answer.status, 200, "{}", sample.name);
            self.add_answer(&answer);
        }
        let now = event::seconds_from_now(0)?;
        let forged = event::signature_at(now, OTHER_SECRET, body)?;
        let stale = event::signature_at(event::seconds_from_now(-900)?, SECRET, body)?;
        for signature in [Some(forged.as_str()), Some(&stale), Some("t=1"), None] {
            let answer = server.post(body, signature)?;
            assert_eq!(answer.status, 400, "{}", sample.name);
            self.add_answer(&answer);
        }
        for length in [1, 2, 3].map(|quarters| body.len() * quarters / 4) {
            let cut = body.get(..length).unwrap_or_default();
            let answer = server.deliver(cut)?;
            assert_eq!(answer.status, 400, "{}", sample.name);
            self.add_answer(&answer);
            // The signature is of the whole body, but only a part is sent.
            let mut connection = server.connect()?;
            connection.send(delivery_head(body.len(), &event::signature(body)?))?;
            connection.send(cut)?;
            connection.end()?;
            if let Some(answer) = connection.answer()? {
                assert_eq!(answer.status, 400, "{}", sample.name);
                self.add_answer(&answer);
            }
        }
        self.add_strays(server, sample)
    }

    /// Sends a body to wrong paths and methods.
    fn add_strays(&mut self, server: &Server, sample: &Sample) -> Result {
        let request = delivery(&sample.body, &event::signature(sample.body.as_bytes())?);
        let request = String::from_utf8(request)?;
        let astray = [
            (404, "POST /api/webhooks/stripes "),
            (405, "PUT /api/webhooks/stripe "),
            (405, "POST /health "),
        ];
        for (status, line) in astray {
            let request = request.replacen("POST /api/webhooks/stripe ", line, 1);
            let answer = server.say(request)?.ok_or("no answer")?;
            assert_eq!(answer.status, status, "{}", sample.name);
            self.add_answer(&answer);
        }
        // The body alone is no HTTP request.
        if let Some(answer) = server.say(&sample.body)? {
            assert_eq!(answer.status, 400, "{}", sample.name);
            self.add_answer(&answer);
        }
        Ok(())
    }

    /// Runs every command about a sample.
    pub(crate) fn add_commands(&mut self, home: &TestHome, server: &Server, it: &Sample) -> Result {
        let file = home.path("body.json");
        fs::write(&file, &it.body)?;
        let path = file.to_str().ok_or("a path is no text")?;
        let good = event::signature(it.body.as_bytes())?;
        let bad =
            event::signature_at(event::seconds_from_now(0)?, OTHER_SECRET, it.body.as_bytes())?;
        for format in ["text", "json"] {
            let shown = home.run(&["events", "show", &it.id, "--format", format])?;
            assert_eq!(shown.code, Some(0), "{}: {}", it.name, shown.stderr);
            self.add_said(&shown);
            for (code, header) in [(0, &good), (1, &bad)] {
                let verify = ["verify", "--header", header, "--body", path];
                let verified = home.run(&[&verify[..], &["--format", format]].concat())?;
                assert_eq!(verified.code, Some(code), "{}", it.name);
                self.add_said(&verified);
            }
        }
        let url = server.url("/api/webhooks/stripe");
        let sent = home.run(&["send", "--url", &url, "--file", path, "--even-if-production"])?;
        assert_eq!(sent.code, Some(0), "{}: {}", it.name, sent.stderr);
        self.add_said(&sent);
        Ok(fs::remove_file(file)?)
    }

    /// Runs every command about the whole inbox.
    pub(crate) fn add_lists(&mut self, home: &TestHome) -> Result {
        for format in ["table", "json", "csv"] {
            let args = ["events", "list", "--limit", "1000", "--format", format];
            let listed = home.run(&args)?;
            assert_eq!(listed.code, Some(0), "{}", listed.stderr);
            self.add("events list", listed.all());
        }
        for (place, command) in [
            ("donations", "list"),
            ("donations", "totals"),
            ("donations", "export"),
            ("alerts", "list"),
        ] {
            for format in ["table", "json", "csv"] {
                if (command, format) == ("export", "table") {
                    continue;
                }
                let listed = home.run(&[place, command, "--format", format])?;
                assert_eq!(listed.code, Some(0), "{}", listed.stderr);
                let place = if place == "alerts" { "alerts list" } else { place };
                self.add(place, listed.all());
            }
        }
        for command in ["config", "migrate"] {
            let said = home.run(&[command])?;
            assert_eq!(said.code, Some(0), "{}", said.stderr);
            self.add_said(&said);
        }
        Ok(())
    }
}
