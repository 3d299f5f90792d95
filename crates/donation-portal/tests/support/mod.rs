//! The program as its users meet it: a process, a socket, a command line, a file.

pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod event;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod output;
pub(crate) mod server;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Does `what` on so many threads at once, each with its number, and hands all outcomes back.
pub(crate) fn at_once<T: Send>(
    threads: usize,
    what: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    std::thread::scope(|scope| {
        let what = &what;
        let threads: Vec<_> =
            (0..threads).map(|number| scope.spawn(move || what(number))).collect();
        threads.into_iter().map(|it| it.join().map_err(|_| "a thread panicked")?).collect()
    })
}
