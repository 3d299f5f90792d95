//! The cases and stories by name, for a runtime without `#[test]`.

use futures::future::LocalBoxFuture;
use portal_domain::Store;

use crate::stories::{Order, orders};

/// One case, on a fresh store.
pub type Case = for<'a> fn(&'a dyn Store) -> LocalBoxFuture<'a, ()>;

macro_rules! name_each_case {
    ($($module:ident { $($case:ident;)* })*) => {
        const CASES: &[(&str, Case)] = &[$($(
            (concat!("conformance/", stringify!($case)), |store| Box::pin(crate::store::$module::$case(store))),
        )*)*];
    };
}

macro_rules! name_each_story {
    ($($module:ident { $($story:ident;)* })*) => {
        const STORIES: &[(&str, fn(u64) -> Vec<Order>)] = &[$($(
            (concat!("stories/", stringify!($story)), |most| orders(crate::stories::$module::$story(), most)),
        )*)*];
    };
}

crate::every_case! { name_each_case; }
crate::every_story! { name_each_story; }

/// Returns the names: `conformance/…` of each case, then `stories/…` of each story.
pub fn names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|it| it.0).chain(STORIES.iter().map(|it| it.0))
}

/// Returns the case of that name.
///
/// # Panics
/// If there is none.
#[must_use]
#[expect(clippy::expect_used, reason = "a case that is not there fails")]
pub fn case(name: &str) -> Case {
    CASES.iter().find(|it| it.0 == name).expect("a case of that name").1
}

/// Returns the story of that name in all its orders, or in `most` of them.
///
/// # Panics
/// If there is none.
#[must_use]
#[expect(clippy::expect_used, reason = "a story that is not there fails")]
pub fn orders_of(name: &str, most: u64) -> Vec<Order> {
    STORIES.iter().find(|it| it.0 == name).expect("a story of that name").1(most)
}

/// Runs the case with this name on a fresh store, or the story in all its orders or `most` of them, each
/// on a fresh store. Returns `None` if neither has this name.
///
/// # Panics
/// If the store does not meet the case.
#[expect(clippy::future_not_send, reason = "such a runtime has one thread")]
pub async fn run<S: Store>(name: &str, most: u64, fresh: impl AsyncFn() -> S) -> Option<()> {
    if let Some((_, case)) = CASES.iter().find(|it| it.0 == name) {
        case(&fresh().await).await;
        return Some(());
    }
    let (_, orders) = STORIES.iter().find(|it| it.0 == name)?;
    let mut first = None;
    for order in orders(most) {
        order.comes_to_what_is_due(&fresh().await, &mut first).await;
    }
    Some(())
}
