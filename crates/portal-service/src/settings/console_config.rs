//! The settings of the console.

use portal_domain::{Operators, text};
use portal_outbound::Url;

use crate::period::FiscalYearStart;

use super::{
    CONSOLE_URL, InvalidValue, OPERATOR_HOSTS, OPERATOR_TOKENS, SettingError, Settings, host_of,
};

/// The most names in `OPERATOR_HOSTS`.
const HOSTS_MAX: usize = 8;

/// The operators of the console, and the names under which it is asked for.
#[derive(Clone)]
pub struct ConsoleConfig {
    /// Nobody where no token is set.
    pub operators: Option<Operators>,
    /// The public URL, without a path and without a slash at its end.
    pub url: Option<String>,
    /// The values of `Host` that are taken beside those of this machine, in lower case.
    pub hosts: Vec<String>,
    pub fiscal_year_start: FiscalYearStart,
}

impl ConsoleConfig {
    /// # Errors
    /// [`SettingError`] for the first setting that is wrong.
    pub fn read(settings: &impl Settings) -> Result<Self, SettingError> {
        let operators = settings
            .optional(OPERATOR_TOKENS, |list| Operators::parse(list).map_err(InvalidValue::from))?;
        let url = settings.optional(CONSOLE_URL, |url| {
            let parsed = Url::parse(url).map_err(InvalidValue::from)?;
            let origin = parsed.is_origin().then(|| url.trim_end_matches('/').to_owned());
            origin.ok_or_else(|| {
                InvalidValue::new(text!("it has a path", "パスが含まれています"))
                    .advise(text!("give scheme and host", "スキームとホストだけにしてください"))
            })
        })?;
        let hosts = settings.optional(OPERATOR_HOSTS, hosts)?.unwrap_or_default();
        let of_url = url.as_deref().and_then(host_of).map(str::to_lowercase);
        let hosts = hosts.into_iter().chain(of_url).collect();
        Ok(Self { operators, url, hosts, fiscal_year_start: settings.fiscal_year_start()? })
    }
}

fn hosts(list: &str) -> Result<Vec<String>, InvalidValue> {
    let fits = |it: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        !it.is_empty() && it.len() <= 253 && it.bytes().all(known)
    };
    let hosts: Vec<_> = list.split(',').map(str::to_lowercase).collect();
    if hosts.len() > HOSTS_MAX {
        return Err(InvalidValue::new(text!(
            "it has more than 8 names",
            "名前が 8 個を超えています"
        )));
    }
    if !hosts.iter().all(|it| fits(it)) {
        return Err(OPERATOR_HOSTS.other_form());
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_are_names_with_a_port_where_there_is_one() {
        assert_eq!(hosts("Console.example.org,10.0.0.1:8788,[::1]").unwrap().len(), 3);
        for wrong in ["", "a,,b", "https://a", "a/b", "ä", "a b"] {
            assert!(hosts(wrong).is_err(), "{wrong}");
        }
        assert!(hosts(&["a"; 9].join(",")).is_err());
    }
}
