//! The parameters of a request; unknown ones are refused, as by Stripe.

use super::http::Answer;
use super::refusal;
use crate::stripe::shelf::{PageCursor, Wanted};

/// The default and the largest number of items on a page
/// (<https://docs.stripe.com/api/pagination>).
const LIMIT: (i64, i64) = (10, 100);

/// The parameters of every list.
pub(super) const PAGES: [&str; 3] = ["limit", "starting_after", "ending_before"];

/// The parameters that select by the time of creation.
pub(super) const CREATED: [&str; 5] =
    ["created", "created[gt]", "created[gte]", "created[lt]", "created[lte]"];

/// The parameters of one request.
pub(super) struct Params<'a>(&'a [(String, String)]);

impl<'a> Params<'a> {
    /// Checks that all parameters are known.
    ///
    /// # Errors
    /// 400 if one is not among the `known`.
    pub(super) fn of(query: &'a [(String, String)], known: &[&[&str]]) -> Result<Self, Answer> {
        match query.iter().find(|(name, _)| !known.iter().any(|it| it.contains(&name.as_str()))) {
            Some((name, _)) => {
                let message = format!("Received unknown parameter: {name}");
                Err(refusal::bad_parameter("parameter_unknown", name, &message))
            }
            None => Ok(Self(query)),
        }
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let query = self.0;
        query.iter().filter(move |(it, _)| it == name).map(|(_, it)| it.as_str())
    }

    pub(super) fn one(&self, name: &str) -> Option<&'a str> {
        self.all(name).last()
    }

    /// Returns the requested page; `is_there` tells if there is an item of that id to continue
    /// from.
    pub(super) fn wanted(
        &self,
        what: &str,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Wanted, Answer> {
        let (limit, limit_max) = LIMIT;
        let limit = self.integer("limit")?.unwrap_or(limit);
        let Some(limit) = usize::try_from(limit).ok().filter(|_| (1..=limit_max).contains(&limit))
        else {
            return Err(not_an_integer("limit"));
        };
        let turn = match (self.one("starting_after"), self.one("ending_before")) {
            (None, None) => PageCursor::First,
            (Some(id), None) => PageCursor::After(found(id, what, "starting_after", is_there)?),
            (None, Some(id)) => PageCursor::Before(found(id, what, "ending_before", is_there)?),
            (Some(_), Some(_)) => {
                let message = "You cannot use both `starting_after` and `ending_before`.";
                return Err(refusal::bad_parameter("parameter_invalid", "ending_before", message));
            }
        };
        let (since, until) = self.created()?;
        Ok(Wanted { since, until, turn, limit })
    }

    fn created(&self) -> Result<(i64, i64), Answer> {
        let exactly = self.integer("created")?;
        let more_than = self.integer("created[gt]")?.map(|it| it.saturating_add(1));
        let less_than = self.integer("created[lt]")?.map(|it| it.saturating_sub(1));
        let since = [exactly, more_than, self.integer("created[gte]")?];
        let until = [exactly, less_than, self.integer("created[lte]")?];
        Ok((
            since.into_iter().flatten().max().unwrap_or(0),
            until.into_iter().flatten().min().unwrap_or(i64::MAX),
        ))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Answer> {
        self.one(name).map(|it| it.parse().map_err(|_| not_an_integer(name))).transpose()
    }
}

fn not_an_integer(name: &str) -> Answer {
    refusal::bad_parameter("parameter_invalid_integer", name, &format!("Invalid integer: {name}"))
}

fn found(
    id: &str,
    what: &str,
    param: &str,
    is_there: impl Fn(&str) -> bool,
) -> Result<String, Answer> {
    if is_there(id) { Ok(id.to_owned()) } else { Err(refusal::missing(400, what, id, param)) }
}
