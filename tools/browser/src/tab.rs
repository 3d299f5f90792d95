//! A tab of Chromium.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
    SetScriptExecutionDisabledParams,
};
use chromiumoxide::cdp::browser_protocol::input::{DispatchKeyEventParams, DispatchKeyEventType};
use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::browser_protocol::page::PrintToPdfParams;
use chromiumoxide::cdp::js_protocol::runtime::{EventConsoleApiCalled, EventExceptionThrown};
use chromiumoxide::page::ScreenshotParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use xtask::debian;
use xtask::run::Failure;

use crate::install;

/// The height of the window, which shows a page in part.
const HEIGHT: u32 = 900;

/// The time that an answer of the browser may take on a busy machine.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// Chromium with one tab, in a folder of its own.
pub(crate) struct Tab {
    browser: Browser,
    page: Page,
    axe: String,
    /// The lines of the browser's console since they were taken.
    messages: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
}

impl Tab {
    /// Starts Chromium, which runs `axe` where it is asked to.
    pub(crate) async fn open(axe: String) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut config = BrowserConfig::builder()
            .user_data_dir(folder.path())
            .launch_timeout(ANSWER_LIMIT)
            .request_timeout(ANSWER_LIMIT);
        if debian::is_root()? {
            config = config.no_sandbox();
        }
        let (browser, mut handler) = Browser::launch(config.build()?).await?;
        tokio::spawn(async move { while handler.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await?;
        let messages = listen(&page).await?;
        Ok(Self { browser, page, axe, messages, _folder: folder })
    }

    pub(crate) async fn close(mut self) -> Result<(), Failure> {
        self.browser.close().await?;
        self.browser.wait().await?;
        Ok(())
    }

    /// Shows pages in a window of this width and in this colour scheme from now on.
    pub(crate) async fn view_in(&self, width: u32, scheme: &str) -> Result<(), Failure> {
        let size = SetDeviceMetricsOverrideParams::new(width, HEIGHT, 1.0, false);
        self.page.execute(size).await?;
        let scheme = MediaFeature::new("prefers-color-scheme", scheme);
        self.page.execute(SetEmulatedMediaParams::builder().feature(scheme).build()).await?;
        Ok(())
    }

    /// Opens an address, with scripts or without.
    pub(crate) async fn go(&self, address: &str, scripts: bool) -> Result<(), Failure> {
        self.page.execute(SetScriptExecutionDisabledParams::new(!scripts)).await?;
        self.page.goto(address).await.map_err(|error| format!("{address}: {error}"))?;
        Ok(())
    }

    /// Forgets the language, and who is signed in.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        self.browser.clear_cookies().await?;
        Ok(())
    }

    /// Calls a function of ours in the page.
    pub(crate) async fn call<T: DeserializeOwned>(&self, function: &str) -> Result<T, Failure> {
        Ok(self.page.evaluate_function(function).await?.into_value()?)
    }

    /// Loads axe into the page.
    pub(crate) async fn load_axe(&self) -> Result<(), Failure> {
        self.page.evaluate_expression(self.axe.as_str()).await?;
        Ok(())
    }

    /// Presses a key and lets it go.
    pub(crate) async fn press(&self, key: &str, code: i64) -> Result<(), Failure> {
        for kind in [DispatchKeyEventType::RawKeyDown, DispatchKeyEventType::KeyUp] {
            let event = DispatchKeyEventParams::builder().r#type(kind).key(key).code(key);
            let event = event.windows_virtual_key_code(code).build()?;
            self.page.execute(event).await?;
        }
        Ok(())
    }

    /// The page itself, for what is done once.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Keeps a picture of the whole page for people.
    pub(crate) async fn picture(&self, name: &str) -> Result<(), Failure> {
        let whole = ScreenshotParams::builder().full_page(true).build();
        self.page.save_screenshot(whole, install::kept(name)).await?;
        Ok(())
    }

    /// Returns the page as it is printed.
    pub(crate) async fn print(&self) -> Result<Vec<u8>, Failure> {
        let size_of_sheet = PrintToPdfParams::builder().prefer_css_page_size(true).build();
        Ok(self.page.pdf(size_of_sheet).await?)
    }

    /// Returns the lines of the browser's console since the last call.
    pub(crate) fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Listens to the browser's console: what is logged, thrown, and refused by the policy of the page.
async fn listen(page: &Page) -> Result<Arc<Mutex<Vec<String>>>, Failure> {
    page.enable_log().await?;
    page.enable_runtime().await?;
    let mut entries = page.event_listener::<EventEntryAdded>().await?;
    let mut calls = page.event_listener::<EventConsoleApiCalled>().await?;
    let mut exceptions = page.event_listener::<EventExceptionThrown>().await?;
    let messages = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&messages);
    tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                Some(it) = entries.next() => {
                    format!("{} {}", it.entry.text, it.entry.url.as_deref().unwrap_or_default())
                }
                Some(it) = calls.next() => format!("console: {:?}", it.args),
                Some(it) = exceptions.next() => format!("thrown: {}", it.exception_details.text),
                else => break,
            };
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        }
    });
    Ok(messages)
}
