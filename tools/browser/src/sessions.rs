//! Signing in and out, and a form of another site, as a browser does it.

use std::path::Path;
use std::time::{Duration, Instant};

use xtask::run::Failure;

use crate::finding::{Findings, View};
use crate::looks;
use crate::portal::Portal;
use crate::tab::Tab;

const TOKEN: &str = "browser-0123456789abcdef0123456789abcdef";

/// The place that an operator was asked to sign in for.
const PLACE: &str = "/ops/?mode=test";

const WIDTH: u32 = 1280;

/// The time that a page may take to come after a form.
const PAGE_LIMIT: Duration = Duration::from_secs(20);

/// The interval at which the page is asked.
const POLL: Duration = Duration::from_millis(50);

/// A page of another site whose form signs out.
const OTHER_SITE: &str =
    "data:text/html,<form method=post action=ORIGIN/ops/sign-out><button>x</button></form>";

/// Signs in by the form, is left alone by another site, and signs out.
pub(crate) async fn sign_in_and_out(
    tab: &mut Tab,
    program: &Path,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let operators = format!("browser:read:{TOKEN}");
    let portal = Portal::start(program, &[("OPERATOR_TOKENS", &operators)])?;
    let (origin, place) = (&portal.origin, format!("{}{PLACE}", portal.origin));
    tab.forget().await?;
    tab.view_in(WIDTH, "light").await?;
    tab.go(&place, true).await?;
    look(tab, "signed out", findings).await?;
    tab.page().find_element("#token").await?.click().await?.type_str(TOKEN).await?;
    submit(tab, "form.sign-in button", &place, "Sign out").await?;
    look(tab, "signed in", findings).await?;

    tab.go(&OTHER_SITE.replace("ORIGIN", origin), true).await?;
    submit(tab, "button", &format!("{origin}/ops/sign-out"), "not come from the console").await?;
    tab.go(&place, true).await?;
    expect(tab, &place, "Sign out").await?;

    submit(tab, "form.sign-out button", &format!("{origin}/ops/sign-in"), "Sign in").await?;
    tab.go(&place, true).await?;
    expect(tab, &place, "You are signed out").await
}

async fn look(tab: &Tab, page: &str, findings: &mut Findings) -> Result<(), Failure> {
    tab.load_axe().await?;
    for scheme in ["light", "dark"] {
        let view = View { page, language: "en", scheme, width: WIDTH };
        looks::look(tab, view, findings).await?;
    }
    Ok(())
}

/// Clicks, and waits for a page at `address` that says `text`.
async fn submit(tab: &Tab, button: &str, address: &str, text: &str) -> Result<(), Failure> {
    tab.page().find_element(button).await?.click().await?;
    expect(tab, address, text).await
}

async fn expect(tab: &Tab, address: &str, text: &str) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        // While a page goes and the next one comes there is none to ask.
        let shown = tab.call("() => [location.href, document.body.innerText]").await;
        let (at, said): (String, String) = shown.unwrap_or_default();
        if at == address && said.contains(text) {
            return Ok(());
        }
        if started.elapsed() > PAGE_LIMIT {
            return Err(format!("{address} with {text:?} does not come, but {at}: {said}").into());
        }
        tokio::time::sleep(POLL).await;
    }
}
