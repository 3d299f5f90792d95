//! Invalid calls.

use crate::support::home::TestHome;

transcripts! { "misuse", once;
    TestHome::new =>
        an_invalid_call_is_misuse;
}
