//! The HTTP surface without sockets, databases and clocks.

mod answers;
mod log_lines;

mod log;
mod support;
