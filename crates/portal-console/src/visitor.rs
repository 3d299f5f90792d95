//! The one who asks for a page.

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use portal_domain::{Operator, Operators, Role, UnixSeconds};

/// The cookie of a session. The prefix lets browsers take it from this very host alone, over https or
/// from this machine.
pub(crate) const SESSION_COOKIE: &str = "__Host-ops";

/// The cookie that ends a session.
pub(crate) const NO_SESSION: &str =
    "__Host-ops=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict";

/// The name in the trail of one who needs no token.
const NOBODY_IN_PARTICULAR: &str = "local";

/// One who may be here.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// For the trail of actions.
    pub(crate) name: Box<str>,
    pub(crate) role: Role,
    /// True where there are no tokens, so that everybody on this machine may act.
    pub(crate) needs_no_token: bool,
}

/// The result of a look at the credentials of a request.
#[derive(Debug)]
pub(crate) enum Credentials {
    Right(Visitor),
    /// None, or a session that has ended.
    Missing,
    /// A token that nobody has, or a forged session.
    Wrong,
}

impl Visitor {
    pub(crate) fn of(operator: &Operator) -> Self {
        Self { name: operator.name.clone(), role: operator.role, needs_no_token: false }
    }

    pub(crate) fn may_act(&self) -> bool {
        self.role == Role::Act
    }

    pub(crate) fn may_see_pages(&self) -> bool {
        matches!(self.role, Role::Act | Role::Read)
    }
}

impl Credentials {
    /// Looks at the bearer token of a request, or at its cookie, which the API does not take: no browser
    /// sends a bearer token of its own accord. Where there are no operators, everybody may act.
    pub(crate) fn of(
        headers: &HeaderMap,
        operators: Option<&Operators>,
        is_api: bool,
        now: UnixSeconds,
    ) -> Self {
        let Some(operators) = operators else {
            let name = NOBODY_IN_PARTICULAR.into();
            return Self::Right(Visitor { name, role: Role::Act, needs_no_token: true });
        };
        if let Some(token) = bearer(headers) {
            return match operators.of_token(token) {
                Some(operator) => Self::Right(Visitor::of(operator)),
                None => Self::Wrong,
            };
        }
        let session = cookie(headers, SESSION_COOKIE).filter(|_| !is_api);
        let Some(session) = session else { return Self::Missing };
        match operators.of_session(session, now) {
            Some(operator) => Self::Right(Visitor::of(operator)),
            // A browser keeps a session no longer than it lasts: see `Max-Age`.
            None => Self::Wrong,
        }
    }
}

/// Returns the value of a cookie, in whichever header it stands.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = texts.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
