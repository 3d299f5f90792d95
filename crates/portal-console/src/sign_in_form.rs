//! The form for signing in.

use maud::{Markup, html};

use crate::PREFIX;
use crate::page_request::PageRequest;

pub(crate) fn sign_in_form(page: &PageRequest) -> Markup {
    let here = page.with("lang", None);
    let to = page.value("to").unwrap_or(if page.can_be_reopened { &here } else { "" });
    html! {
        form method="post" action="/ops/sign-in" .sign-in {
            input type="hidden" name="to" value=(own_address(to));
            label for="token" { (page.pick("Token", "トークン")) }
            input #token type="password" name="token" required autocomplete="current-password" aria-describedby="token-help";
            p #token-help .quiet {
                (page.pick(
                    "Yours is the last part of an entry of OPERATOR_TOKENS. You stay signed in for 12 hours.",
                    "OPERATOR_TOKENS の各項目の最後の部分です。サインインは 12 時間有効です。",
                ))
            }
            button type="submit" { (page.pick("Sign in", "サインイン")) }
        }
    }
}

/// Returns `to` if it is an address of the console, else the first page: nobody is sent elsewhere.
pub(crate) fn own_address(to: &str) -> String {
    let is_ours = to.strip_prefix(PREFIX).is_some_and(|it| it.starts_with('/'));
    let is_plain = to.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    if is_ours && is_plain && !to.starts_with("/ops/sign-") {
        to.to_owned()
    } else {
        "/ops/".to_owned()
    }
}
