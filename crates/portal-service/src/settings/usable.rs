//! Settings without those that are wrong.

use jiff::tz::TimeZone;

use super::{InvalidValue, SettingError, SettingSource, Settings};

/// Reads settings by `read`, and leaves out each one that is wrong, as if it were not set. Returns the
/// errors as well.
///
/// # Errors
/// [`SettingError`] for a default that is wrong, and for a setting without which `read` fails.
pub fn read_usable<S: Settings, T>(
    settings: &S,
    read: impl Fn(&Usable<'_, S>) -> Result<T, SettingError>,
) -> Result<(T, Vec<SettingError>), SettingError> {
    let mut usable = Usable { settings, left_out: Vec::new() };
    loop {
        match read(&usable) {
            Ok(value) => return Ok((value, usable.left_out)),
            Err(error) if usable.has_left_out(error.name) => return Err(error),
            Err(error) => usable.left_out.push(error),
        }
    }
}

/// The settings of a host, but those that are left out.
pub struct Usable<'s, S> {
    settings: &'s S,
    left_out: Vec<SettingError>,
}

impl<S> Usable<'_, S> {
    fn has_left_out(&self, name: &str) -> bool {
        self.left_out.iter().any(|it| it.name == name)
    }
}

impl<S: Settings> Settings for Usable<'_, S> {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        if self.has_left_out(name) { Ok(None) } else { self.settings.text(name) }
    }

    fn source(&self, name: &'static str) -> SettingSource {
        self.settings.source(name)
    }

    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue> {
        self.settings.zone(name)
    }
}
