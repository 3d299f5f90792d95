//! Configuration: variables and secrets named like the server's, with the same meanings.

use std::collections::BTreeMap;

use jiff::tz::{Offset, TimeZone};
use portal_domain::digest::time_of_day;
use portal_domain::text;
use portal_service::settings::{
    InvalidValue, LOG_FORMAT, SETTINGS_ON_WORKER, ServiceConfig, Setting, SettingError, Settings,
};
use worker::wasm_bindgen::JsCast as _;
use worker::{D1Database, Env, js_sys};

/// The binding of the D1 database.
const DATABASE: &str = "DATABASE_URL";

/// The texts that are bound to a Worker: its variables and secrets.
pub(crate) struct Bindings(BTreeMap<&'static str, String>);

/// The settings that can be used.
pub(crate) struct UsableConfig {
    pub(crate) config: ServiceConfig,
    pub(crate) database: D1Database,
    /// The errors of settings that count as not set.
    pub(crate) left_out: Vec<SettingError>,
}

impl Bindings {
    /// Reads the settings as text: where wrangler.toml has a number, the binding is one.
    pub(crate) fn of(env: &Env) -> Self {
        let text = |name: &'static str| {
            let value = js_sys::Reflect::get(env, &name.into()).ok()?;
            let value = Some(value).filter(|it| !it.is_undefined())?;
            let text = value.as_string();
            Some((name, text.or_else(|| js_sys::JSON::stringify(&value).ok().map(String::from))?))
        };
        Self(SETTINGS_ON_WORKER.iter().flatten().filter_map(|it| text(it.name)).collect())
    }

    /// Reads all settings and the database. Here a setting takes effect without a start that could
    /// fail, so only the secrets and the database stop the intake; any other setting that is wrong is
    /// left out.
    pub(crate) fn read(&self, env: &Env) -> Result<UsableConfig, SettingError> {
        let (database, secrets) = (database(env)?, self.secrets()?);
        let (config, mut left_out) = ServiceConfig::read_usable(self, &secrets)?;
        left_out.extend(self.log_as_text().err());
        Ok(UsableConfig { config, database, left_out })
    }

    /// True if log lines are text; without the setting they are objects.
    pub(crate) fn log_as_text(&self) -> Result<bool, SettingError> {
        let json = Setting { default: None, ..LOG_FORMAT };
        let only_json = |text: &str| match text {
            "json" => Ok(true),
            _ => Err(InvalidValue::new(text!(
                "it must be json, or not set",
                "json とするか、設定しないでください"
            ))),
        };
        self.optional(json, only_json).map(Option::unwrap_or_default)
    }
}

impl Settings for Bindings {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        Ok(self.0.get(name).cloned())
    }

    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue> {
        fixed_zone(name).ok_or_else(|| {
            InvalidValue::new(text!(
                "it must be UTC, Asia/Tokyo or an offset such as +09:00: a Worker knows no others",
                "UTC、Asia/Tokyo、または +09:00 のような時差にしてください。Worker では、ほかは使えません"
            ))
        })
    }
}

/// Returns the database. Without it nothing could be kept, so nothing is taken.
fn database(env: &Env) -> Result<D1Database, SettingError> {
    env.d1(DATABASE).map_err(|_| {
        let names = js_sys::Object::keys(env.unchecked_ref::<js_sys::Object>());
        let mut bindings: Vec<_> = names.iter().filter_map(|it| it.as_string()).collect();
        bindings.sort_unstable();
        not_d1(&bindings)
    })
}

/// Returns a time zone whose clocks are never changed: the database of all others is larger than the
/// Worker.
fn fixed_zone(name: &str) -> Option<TimeZone> {
    match name {
        "UTC" => return Some(TimeZone::UTC),
        "Asia/Tokyo" => return fixed_zone("+09:00"),
        _ => {}
    }
    let (sign, rest) =
        name.strip_prefix('+').map(|it| (1, it)).or_else(|| Some((-1, name.strip_prefix('-')?)))?;
    let ahead = time_of_day(rest)?;
    let seconds = sign * (i32::from(ahead.hour()) * 3600 + i32::from(ahead.minute()) * 60);
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// Returns the error for a Worker without its database. `bindings` are names, never values.
fn not_d1(bindings: &[String]) -> SettingError {
    let bindings = bindings.join(", ");
    SettingError {
        name: DATABASE,
        why: text!(
            "it must be the binding of a D1 database in wrangler.toml",
            "wrangler.toml で D1 データベースをバインドしてください"
        ),
        advice: text!("bound here: {bindings}", "現在のバインディング: {bindings}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{fixed_zone, not_d1};

    #[test]
    fn a_worker_without_its_database_says_which_bindings_it_has() {
        let bindings = ["DATABASE".to_owned(), "STRIPE_WEBHOOK_SECRET".to_owned()];
        assert_eq!(
            not_d1(&bindings).to_string(),
            "DATABASE_URL: it must be the binding of a D1 database in wrangler.toml; bound here: DATABASE, STRIPE_WEBHOOK_SECRET"
        );
    }

    #[test]
    fn a_zone_has_the_offset_of_its_name() {
        for (name, seconds) in [
            ("UTC", 0),
            ("Asia/Tokyo", 32_400),
            ("+09:00", 32_400),
            ("+08:29", 30_540),
            ("-08:00", -28_800),
            ("-16:00", -57_600),
        ] {
            let offset = fixed_zone(name).unwrap().to_fixed_offset().unwrap();
            assert_eq!(offset.seconds(), seconds, "{name}");
        }
    }

    #[test]
    fn a_zone_whose_clocks_are_changed_is_not_known_here() {
        for name in ["Europe/Berlin", "utc", "+9", "+09", "09:00", "+24:00", ""] {
            assert!(fixed_zone(name).is_none(), "{name}");
        }
    }
}
