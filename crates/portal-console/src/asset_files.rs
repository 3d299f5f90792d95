//! The style sheet, the script and the icon. Their names change with them, so that browsers keep them.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

pub(crate) const STYLE: &str = include_str!("assets/console.css");
pub(crate) const SCRIPT: &str = include_str!("assets/console.js");
/// A browser that is given none asks for `/favicon.ico`.
pub(crate) const ICON: &str = include_str!("assets/console.svg");

/// The names of all below `/ops/assets/`.
pub(crate) struct AssetNames {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

pub(crate) fn names() -> &'static AssetNames {
    static NAMES: OnceLock<AssetNames> = OnceLock::new();
    NAMES.get_or_init(|| {
        let hash =
            |text: &str| hex::encode(Sha256::digest(text)).chars().take(12).collect::<String>();
        AssetNames {
            style: format!("console-{}.css", hash(STYLE)),
            script: format!("console-{}.js", hash(SCRIPT)),
            icon: format!("console-{}.svg", hash(ICON)),
        }
    })
}

#[cfg(test)]
mod contrast;

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE};

    #[test]
    fn what_each_page_loads_stays_small() {
        assert!(
            SCRIPT.len() <= 4 * 1024 && STYLE.len() <= 6 * 1024,
            "{} {}",
            SCRIPT.len(),
            STYLE.len()
        );
    }
}
