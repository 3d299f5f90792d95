//! The people and programs that may use the console: their tokens, their roles, and the session of a
//! browser.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use strum::{EnumString, IntoStaticStr};
use subtle::ConstantTimeEq as _;

use crate::advise::Advise;
use crate::text::Text;
use crate::time::UnixSeconds;

/// The most operators that may be configured.
pub const OPERATORS_MAX: usize = 8;

/// The fewest characters of a token: a shorter one could be guessed.
const TOKEN_CHARS_MIN: usize = 32;

/// The most characters of an operator's name.
const NAME_CHARS_MAX: usize = 32;

/// The time for which a browser stays signed in, in seconds: a working day.
pub const SESSION_SECONDS: i64 = 12 * 3600;

/// The rights of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Sees every page.
    Read,
    /// Sees every page, and acts.
    Act,
    /// Reads metrics, and no page.
    Metrics,
}

named_and_read!(Role);

/// One who may use the console. It has no `Debug` on purpose.
#[derive(Clone)]
pub struct Operator {
    /// `[a-z0-9-]{1,32}`, for the trail of actions.
    pub name: Box<str>,
    pub role: Role,
    /// SHA-256 of the token.
    token: [u8; 32],
}

/// All operators, at least one.
#[derive(Clone)]
pub struct Operators(Vec<Operator>);

/// The reason why a text is no list of operators. It never contains a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidOperators {
    /// An entry is not `NAME:ROLE:TOKEN`.
    NotEntry,
    /// A name is not `[a-z0-9-]{1,32}`.
    Name,
    /// A role is none.
    Role,
    /// A token is shorter than 32 characters, or has others than visible ASCII.
    Token,
    /// A name or a token stands twice.
    Twice,
    /// More than [`OPERATORS_MAX`].
    TooMany,
}

impl Operators {
    /// Reads `NAME:ROLE:TOKEN` entries separated by commas.
    ///
    /// # Errors
    /// [`InvalidOperators`] with the reason.
    pub fn parse(list: &str) -> Result<Self, InvalidOperators> {
        let mut all: Vec<Operator> = Vec::new();
        for entry in list.split(',') {
            let one = Operator::parse(entry)?;
            if all.iter().any(|it| it.name == one.name || it.token == one.token) {
                return Err(InvalidOperators::Twice);
            }
            all.push(one);
        }
        if all.len() > OPERATORS_MAX {
            return Err(InvalidOperators::TooMany);
        }
        Ok(Self(all))
    }

    /// Returns the operators in the order of configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Operator> {
        self.0.iter()
    }

    /// Returns the operator who has `token`. Hashes are compared, each in constant time.
    #[must_use]
    pub fn of_token(&self, token: &str) -> Option<&Operator> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let matches = |it: &&Operator| bool::from(it.token.ct_eq(&hash));
        self.iter().filter(matches).last()
    }

    /// Returns the operator of a session, and nothing if it is forged, or too old, or if the token has
    /// been changed since.
    #[must_use]
    pub fn of_session(&self, session: &str, now: UnixSeconds) -> Option<&Operator> {
        let (signed, signature) = session.rsplit_once('.')?;
        let (name, issued_at) = signed.split_once('.')?;
        let issued_at = UnixSeconds::new(issued_at.parse().ok()?)?;
        let operator = self.iter().find(|it| *it.name == *name)?;
        let signature = hex::decode(signature).ok()?;
        operator.keyed(signed).verify_slice(&signature).ok()?;
        (0..SESSION_SECONDS).contains(&now.since(issued_at)).then_some(operator)
    }
}

impl Operator {
    fn parse(entry: &str) -> Result<Self, InvalidOperators> {
        let mut parts = entry.splitn(3, ':');
        let (Some(name), Some(role), Some(token)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidOperators::NotEntry);
        };
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(fits) {
            return Err(InvalidOperators::Name);
        }
        let role = Role::from_name(role).ok_or(InvalidOperators::Role)?;
        if token.len() < TOKEN_CHARS_MIN || !token.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(InvalidOperators::Token);
        }
        Ok(Self { name: name.into(), role, token: Sha256::digest(token).into() })
    }

    /// Returns a session that begins at `now`: `NAME.SECONDS.SIGNATURE`. It is kept nowhere, so that
    /// each replica knows it.
    #[must_use]
    pub fn session(&self, now: UnixSeconds) -> String {
        let signed = format!("{}.{now}", self.name, now = now.get());
        let signature = hex::encode(self.keyed(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// The key is the token's hash, so a session ends when the token is changed.
    fn keyed(&self, signed: &str) -> Hmac<Sha256> {
        let mut key = [0; 64];
        key.iter_mut().zip(self.token).for_each(|(to, byte)| *to = byte);
        // A key as long as the block, which needs no check: HMAC itself fills a shorter one with zeros.
        let mut keyed = Hmac::<Sha256>::new(&key.into());
        keyed.update(b"console session\0");
        keyed.update(signed.as_bytes());
        keyed
    }
}

impl fmt::Display for InvalidOperators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for InvalidOperators {}

impl Advise for InvalidOperators {
    fn text(&self) -> Text {
        match self {
            Self::NotEntry => {
                text!("an entry is not NAME:ROLE:TOKEN", "NAME:ROLE:TOKEN の形でないものがあります")
            }
            Self::Name => text!(
                "a name is not 1 to 32 of a-z, 0-9 and -",
                "名前は a-z、0-9、- の 1〜32 文字でなければなりません"
            ),
            Self::Role => text!(
                "a role is not read, act or metrics",
                "権限は read、act、metrics のいずれかでなければなりません"
            ),
            Self::Token => text!(
                "a token has fewer than 32 characters, or one that is not visible ASCII",
                "トークンは 32 文字以上の ASCII の印字文字でなければなりません"
            ),
            Self::Twice => {
                text!("a name or a token stands there twice", "名前かトークンが重複しています")
            }
            Self::TooMany => {
                text!("there are more than 8 operators", "利用者が 8 人を超えています")
            }
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::Token => text!(
                "make one with `openssl rand -hex 32`",
                "`openssl rand -hex 32` で作成してください"
            ),
            Self::Twice => text!(
                "give each operator a name and a token of their own",
                "利用者ごとに別の名前とトークンにしてください"
            ),
            Self::TooMany => text!("remove some", "減らしてください"),
            Self::NotEntry | Self::Name | Self::Role => {
                text!("separate entries by commas", "利用者どうしはカンマで区切ります")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidOperators, Operators, Role, SESSION_SECONDS};
    use crate::time::UnixSeconds;

    const LIST: &str = "treasurer:read:0123456789abcdef0123456789abcdef,ops:act:fedcba9876543210fedcba9876543210:x";

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn each_operator_is_known_by_the_token() {
        let all = Operators::parse(LIST).map_err(|error| error.to_string()).unwrap();
        let one = all.of_token("fedcba9876543210fedcba9876543210:x").unwrap();
        assert_eq!((&*one.name, one.role), ("ops", Role::Act));
        assert!(all.of_token("fedcba9876543210fedcba9876543210").is_none());
        assert!(all.of_token("").is_none());
    }

    #[test]
    fn a_session_lasts_half_a_day_and_until_the_token_is_changed() {
        let all = Operators::parse(LIST).map_err(|error| error.to_string()).unwrap();
        let session = all.of_token("0123456789abcdef0123456789abcdef").unwrap().session(at(1000));
        let name = |it: &Operators, now| it.of_session(&session, at(now)).map(|it| it.name.clone());
        assert_eq!(name(&all, 1000).as_deref(), Some("treasurer"));
        assert_eq!(name(&all, 1000 + SESSION_SECONDS - 1).as_deref(), Some("treasurer"));
        assert_eq!(name(&all, 1000 + SESSION_SECONDS), None);
        assert_eq!(name(&all, 999), None, "it comes from the future");
        let changed = LIST.replace("0123456789abcdef0", "1123456789abcdef0");
        let changed = Operators::parse(&changed).map_err(|error| error.to_string()).unwrap();
        assert_eq!(name(&changed, 1000), None);
    }

    #[test]
    fn a_forged_session_is_nobodys() {
        let all = Operators::parse(LIST).map_err(|error| error.to_string()).unwrap();
        let session = all.of_token("0123456789abcdef0123456789abcdef").unwrap().session(at(1000));
        let forged = [
            session.replace("treasurer", "ops"),
            session.replace(".1000.", ".2000."),
            session[..session.len() - 1].to_owned(),
            session.replace("treasurer", "nobody"),
            "treasurer.1000.".to_owned(),
            "..".to_owned(),
            String::new(),
        ];
        for forged in forged {
            assert!(all.of_session(&forged, at(1000)).is_none(), "{forged}");
        }
    }

    #[test]
    fn what_is_no_list_says_why() {
        let token = "0123456789abcdef0123456789abcdef";
        for (list, why) in [
            (String::new(), InvalidOperators::NotEntry),
            (format!("ops:{token}"), InvalidOperators::NotEntry),
            (format!("Ops:act:{token}"), InvalidOperators::Name),
            (format!(":act:{token}"), InvalidOperators::Name),
            (format!("ops:write:{token}"), InvalidOperators::Role),
            ("ops:act:short".to_owned(), InvalidOperators::Token),
            (format!("a:act:{token},b:act:{token}"), InvalidOperators::Twice),
            (format!("a:act:{token},a:act:{token}x"), InvalidOperators::Twice),
        ] {
            assert_eq!(Operators::parse(&list).err(), Some(why), "{list}");
        }
        let many: Vec<_> = (0..9).map(|it| format!("o{it}:read:{token}{it}")).collect();
        assert_eq!(Operators::parse(&many.join(",")).err(), Some(InvalidOperators::TooMany));
    }
}
