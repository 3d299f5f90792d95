//! The HTTP surface without sockets, databases and clocks.

mod answers;
mod contract;
mod log_lines;

mod log;
mod support;
