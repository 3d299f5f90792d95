//! Settings without those that are wrong.

use jiff::tz::TimeZone;

use super::{InvalidValue, SettingError, Settings};

/// The settings of a host, but those that are left out.
pub(super) struct Usable<'s, S> {
    settings: &'s S,
    pub(super) left_out: Vec<SettingError>,
}

impl<'s, S> Usable<'s, S> {
    pub(super) fn of(settings: &'s S) -> Self {
        Self { settings, left_out: Vec::new() }
    }

    pub(super) fn has_left_out(&self, name: &str) -> bool {
        self.left_out.iter().any(|it| it.name == name)
    }
}

impl<S: Settings> Settings for Usable<'_, S> {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        if self.has_left_out(name) { Ok(None) } else { self.settings.text(name) }
    }

    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue> {
        self.settings.zone(name)
    }
}
