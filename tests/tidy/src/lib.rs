//! Reads a checkout's source and documents, and measures what the project's rules are about.
//!
//! The tests of this crate hold the figures against what is allowed; the example `figures` prints
//! them for any checkout, so that two states are compared by one count. It knows nothing of what
//! the service does.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it reads only our own source, and whatever is odd there should stop it"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar has more than any of these rules is about"
)]

mod file;
mod syntax;
mod tree;

mod arrows;
mod comments;
mod copies;
mod documents;
mod imports;
mod modules;
mod names;
mod operations;

mod figures;

pub use arrows::{Arrow, diagram, drawn_as_unshipped};
pub use comments::Comments;
pub use copies::Copy;
pub use documents::{Decision, Word};
pub use figures::Figures;
pub use file::Kind;
pub use names::TypeName;
