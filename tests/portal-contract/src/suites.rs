//! All suites at once, so that no store can leave one out.

/// Makes the tests of every suite that a store must pass: one `#[test]` of each case and of each
/// story, and the model.
///
/// `conformance` and `stories` name functions that make a fresh store, run the case that they are
/// given on it, and clear up: `fn on_a_fresh_store(case: impl AsyncFnOnce(&dyn Store))`; `model`
/// names a [`Place`](crate::model::Place).
#[macro_export]
macro_rules! suites {
    (conformance: $case:ident; stories: $story:ident; model: $place:ident;) => {
        mod conformance {
            use super::$case as on_a_fresh_store;

            $crate::every_case! { $crate::test_each_case; on_a_fresh_store; }
        }

        mod stories {
            use super::$story as on_a_fresh_store;

            $crate::every_story! { $crate::test_each_story; on_a_fresh_store; }
        }

        mod model {
            #[test]
            fn the_store_says_what_its_model_says() {
                $crate::model::compare::<super::$place>();
            }
        }
    };
}

/// Returns the number of orders to try of each story: a sixteenth of what `PROPTEST_CASES` says, and
/// without it 16, which is more than all orders of three events.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn orders_max() -> u64 {
    u64::from(proptest::test_runner::Config::default().cases / 16)
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_each_story {
    ($on_a_fresh_store:path; $($module:ident { $($story:ident;)* })*) => {
        $($(
            #[test]
            fn $story() {
                let mut first = None;
                for order in $crate::orders_of(concat!("stories/", stringify!($story)), $crate::orders_max()) {
                    $on_a_fresh_store(async |store: &dyn $crate::Store| {
                        order.comes_to_what_is_due(store, &mut first).await;
                    });
                }
            }
        )*)*
    };
}
