//! A page that refreshes itself, as a browser does it.

use std::time::{Duration, Instant};

use xtask::run::Failure;

use crate::portal::Portal;
use crate::tab::Tab;

/// The least interval of a refresh.
const INTERVAL: Duration = Duration::from_secs(5);

/// Marks the content and the page itself, and unfolds the first table.
const MARK: &str = "() => {
  document.querySelector('h1').dataset.old = '';
  document.querySelector('main details').open = true;
  window.isSamePage = true;
  return true;
}";

/// Returns true for new content of the same page on which the table is still unfolded.
const IS_REFRESHED: &str = "() => !document.querySelector('h1[data-old]')
  && window.isSamePage === true && document.querySelector('main details').open";

/// Opens a page that is refreshed, and types into it.
pub(crate) async fn refresh(tab: &Tab, portal: &Portal) -> Result<(), Failure> {
    tab.go(&format!("{}/ops/?live={}", portal.origin, INTERVAL.as_secs()), true).await?;
    tab.call::<bool>(MARK).await?;
    let started = Instant::now();
    while !tab.call::<bool>(IS_REFRESHED).await? {
        if started.elapsed() > 4 * INTERVAL {
            return Err("the page is not refreshed".into());
        }
        tokio::time::sleep(INTERVAL / 10).await;
    }
    tab.page().find_element("#q").await?.click().await?.type_str("pi_").await?;
    tab.call::<bool>(MARK).await?;
    tokio::time::sleep(2 * INTERVAL).await;
    match tab.call(IS_REFRESHED).await? {
        true => Err("the page is refreshed while somebody types".into()),
        false => Ok(()),
    }
}
