//! `donation-portal`: takes Stripe's events in for a donation portal.

mod chance;
mod cli;
mod clock;
mod commands;
mod config;
mod database;
mod exit;
mod output;
mod period;
mod samples;
mod sender;
mod serve;

/// Many small pieces are taken and given back for each delivery; this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    match cli::run() {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report().into(),
    }
}
