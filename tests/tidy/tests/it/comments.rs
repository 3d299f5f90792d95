//! Comments are sentences.

use crate::{FIGURES, at_most};

/// Doc comments that begin with a question word, of a thousand.
const RIDDLES_PER_MILLE_MAX: usize = 0;

/// The number above is lowered once it is so much too high.
const SLACK_PER_MILLE: usize = 10;

#[test]
fn a_doc_comment_is_a_sentence_and_no_riddle() {
    let advice = "begin with a subject and a verb, not with What, How, Where, Who or Whether";
    at_most(FIGURES.all_comments().per_mille(), RIDDLES_PER_MILLE_MAX, SLACK_PER_MILLE, advice);
}
