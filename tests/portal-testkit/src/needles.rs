//! Searches bytes for texts in every form in which they may be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;

use crate::{Result, events, payout_samples};

/// The minimum length of a text: shorter ones occur in ids and numbers by chance.
const BYTES_MIN: usize = 6;

/// Texts that must not be anywhere.
pub struct Needles {
    forms: Vec<Form>,
    /// The indices of the forms by their first two bytes.
    by_beginning: BTreeMap<[u8; 2], Vec<usize>>,
    /// For each byte, true if a form begins with it.
    begins: [bool; 256],
}

/// A text in one form.
struct Form {
    text: String,
    bytes: Vec<u8>,
}

/// The personal data and the secrets of the samples.
#[derive(Deserialize)]
pub struct Canaries {
    /// Texts that occur in any of them.
    pub substrings: Vec<String>,
    /// The values of each sample event, by its name.
    #[serde(default)]
    pub files: BTreeMap<String, Vec<Canary>>,
}

/// A value that must not be kept.
#[derive(Deserialize)]
pub struct Canary {
    pub value: String,
}

impl Canaries {
    /// Reads their lists.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn read() -> Result<Self> {
        let mut all = Self::of(events::SAMPLES)?;
        all.substrings.extend(Self::of(payout_samples::SAMPLES)?.substrings);
        Ok(all)
    }

    fn of(folder: &str) -> Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(format!("{folder}/PII-CANARIES.json"))?)?)
    }
}

impl Needles {
    /// Returns the personal data and the secrets of the samples.
    ///
    /// # Errors
    /// If the samples cannot be read.
    pub fn of_the_samples() -> Result<Self> {
        let canaries = Canaries::read()?;
        let values = canaries.files.into_values().flatten().map(|it| it.value);
        let texts = canaries.substrings.into_iter().chain(values);
        Ok(Self::new(texts.filter(|it| it.len() >= BYTES_MIN)))
    }

    /// Returns needles for these texts.
    pub fn new(texts: impl Iterator<Item = String>) -> Self {
        let texts: BTreeSet<String> = texts.collect();
        let mut needles = Self {
            forms: texts.iter().flat_map(|it| forms(it)).collect(),
            by_beginning: BTreeMap::new(),
            begins: [false; 256],
        };
        for (index, form) in needles.forms.iter().enumerate() {
            if let [one, two, ..] = form.bytes[..] {
                let same = needles.by_beginning.entry([one, two]).or_default();
                same.push(index);
                if let Some(begins) = needles.begins.get_mut(usize::from(one)) {
                    *begins = true;
                }
            }
        }
        needles
    }

    /// Returns the texts that occur in `haystack` in any form.
    #[must_use]
    pub fn found_in(&self, haystack: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, byte) in haystack.iter().enumerate() {
            if self.begins.get(usize::from(*byte)) != Some(&true) {
                continue;
            }
            let rest = haystack.get(at..).unwrap_or_default();
            let [one, two, ..] = *rest else { continue };
            let candidates = self.by_beginning.get(&[one, two]).into_iter().flatten();
            for form in candidates.filter_map(|index| self.forms.get(*index)) {
                if rest.starts_with(&form.bytes) {
                    found.insert(form.text.as_str());
                }
            }
        }
        found
    }
}

/// Returns the different forms of `text`.
fn forms(text: &str) -> Vec<Form> {
    let outcome_senders = [
        text.to_owned(),
        escaped(text, |unit| format!("\\u{unit:04x}")),
        escaped(text, |unit| format!("\\u{unit:04X}")),
        text.replace('/', "\\/"),
        percent(text, "%20", |byte| format!("%{byte:02X}")),
        percent(text, "%20", |byte| format!("%{byte:02x}")),
        percent(text, "+", |byte| format!("%{byte:02X}")),
    ];
    let outcome_senders: BTreeSet<String> = outcome_senders.into();
    let form = |way: String| Form { text: text.to_owned(), bytes: way.into_bytes() };
    outcome_senders.into_iter().map(form).collect()
}

/// Escapes a text as in JSON that is restricted to ASCII.
fn escaped(text: &str, unit: impl Fn(u16) -> String) -> String {
    text.chars()
        .map(|char| match char.is_ascii() {
            true => char.to_string(),
            false => char.encode_utf16(&mut [0; 2]).iter().map(|it| unit(*it)).collect(),
        })
        .collect()
}

/// Escapes a text as in a URL.
fn percent(text: &str, space: &str, other: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            b' ' => space.to_owned(),
            _ => other(byte),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Needles;

    #[test]
    fn what_is_planted_is_found_in_every_form() {
        let needles = Needles::of_the_samples().unwrap();
        assert!(needles.forms.len() > 150, "{}", needles.forms.len());
        for form in &needles.forms {
            let log = [br#"{"outcome":"recorded","#, &form.bytes[..], b"\"}\n"].concat();
            let shown = form.bytes.escape_ascii();
            assert!(needles.found_in(&log).contains(form.text.as_str()), "{shown}");
        }
    }

    #[test]
    fn what_is_not_planted_is_not_found() {
        let needles = Needles::of_the_samples().unwrap();
        assert!(
            needles.found_in(b"{\"outcome\":\"recorded\",\"event_id\":\"evt_4471\"}").is_empty()
        );
    }
}
