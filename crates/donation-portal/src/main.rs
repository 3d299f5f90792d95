//! `donation-portal`: receives Stripe's webhook events for a donation portal.

mod chance;
mod cli;
mod clock;
mod commands;
mod config;
mod database;
mod exit;
mod output;
mod samples;
mod sender;
mod serve;
mod server_answer;

/// Each delivery allocates and frees many small objects, which mimalloc does faster than the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run().into()
}
