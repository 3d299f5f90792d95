//! Stand-ins for what the service works with, and tools of its tests.
//!
//! The crate ships nowhere and knows nothing of the service, so that a stand-in and the code under
//! test can disagree.
//!
//! | module | what is there |
//! |---|---|
//! | [`events`] | [`SECRET`](events::SECRET), signed events to deliver, the sample events |
//! | [`payout_samples`] | the sets of Stripe's answers about payouts, as an account shows them |
//! | [`http`] | a [`Connection`](http::Connection) for exact bytes on either side, a [`Client`](http::Client) of a host, [`Answer`](http::Answer) and [`Request`](http::Request), which read HTTP/1.1 |
//! | [`channel`] | a stand-in for Slack, Discord and PagerDuty |
//! | [`stripe`] | a stand-in for Stripe's API, with an account that tests tell stories in |
//! | [`postgres`] | servers that can be harmed, databases on them, proxies and poolers before them |
//! | [`clock`] | the time of day, a [`Stopwatch`](clock::Stopwatch), [`wait_for`](clock::wait_for) |
//! | [`needles`] | personal data of the samples, found in every form in which it may be written |
//! | [`signature_cases`], [`bad_bodies`] | deliveries with the verdict that is due |

#![expect(clippy::indexing_slicing, reason = "what a tool does not find should stop the test")]

pub mod events;
pub mod payout_samples;

pub mod http;

pub mod channel;
pub mod stripe;

pub mod postgres;

pub mod bad_bodies;
pub mod needles;
pub mod signature_cases;

pub mod clock;

/// The error of a test's tool, for people.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The result of a test, or of a tool of one.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Runs `what` on this number of threads at once, each with its index, and returns all results.
///
/// # Errors
/// The first error, or that a thread panicked.
pub fn at_once<T: Send>(
    threads: usize,
    what: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let all_ready = std::sync::Barrier::new(threads);
    let run = |number| {
        all_ready.wait();
        what(number)
    };
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..threads).map(|it| scope.spawn(move || run(it))).collect();
        threads.into_iter().map(|it| it.join().map_err(|_| "a thread panicked")?).collect()
    })
}
