//! The door of the console: who comes in, under which name, and from which site.

mod answers;
mod busy;
mod languages;
mod origins;
mod sessions;
mod tokens;
