//! A list as a file, read and sent page by page.

use async_trait::async_trait;
use axum::body::Body;
use futures::stream;
use portal_domain::StoreError;

/// The rows that are read at once: some hundred kilobytes of a file.
pub(crate) const PAGE_ROWS: u32 = 1_000;

/// The lines of a list, page by page.
#[async_trait]
pub(crate) trait FilePages: Send {
    /// Appends the next page, and returns true if it is the last one.
    async fn append_page(&mut self, text: &mut String) -> Result<bool, StoreError>;
}

/// Returns the file that begins with `heads`. The first page is read before anything is sent, so that a
/// store that fails has a page that says so; where it fails later, the file breaks off with an error of
/// the connection.
pub(crate) async fn streamed(
    heads: String,
    mut file: Box<dyn FilePages>,
) -> Result<Body, StoreError> {
    let mut first = heads;
    let is_last = file.append_page(&mut first).await?;
    let rest = (!is_last).then_some(file);
    let rest = stream::unfold((Some(first), rest), async |(first, rest)| {
        if let Some(first) = first {
            return Some((Ok(first), (None, rest)));
        }
        let mut file = rest?;
        let mut text = String::new();
        match file.append_page(&mut text).await {
            Ok(is_last) => Some((Ok(text), (None, (!is_last).then_some(file)))),
            Err(error) => Some((Err(error), (None, None))),
        }
    });
    Ok(Body::from_stream(rest))
}
