//! The frame of tables, and the links between their pages.

use maud::{Markup, html};

use crate::page_request::PageRequest;

/// A table that scrolls by itself where the screen is narrow; the columns with `true` have numbers.
pub(crate) fn table(label: &str, columns: &[(&str, bool)], rows: &Markup) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label=(label) {
            table {
                thead {
                    tr {
                        @for (head, is_number) in columns {
                            th scope="col" .number[*is_number] { (head) }
                        }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}

/// Links to the first and to the next page of a list.
pub(crate) fn pages(page: &PageRequest, next: Option<&str>) -> Markup {
    html! {
        @if page.value("after").is_some() || next.is_some() {
            p .pages {
                @if page.value("after").is_some() {
                    a href=(page.with("after", None)) { (page.pick("First page", "最初のページ")) }
                }
                @if let Some(next) = next {
                    a href=(page.with("after", Some(next))) { (page.pick("Next page", "次のページ")) }
                }
            }
        }
    }
}

/// Cuts off the row that was read beyond `limit`. If there is one, returns the value of `after` for the
/// next page as well: the cursor of the last row that is left.
pub(crate) fn cut<T, C>(
    mut rows: Vec<T>,
    limit: u32,
    cursor: impl FnOnce(&T) -> C,
) -> (Vec<T>, Option<C>) {
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).map(cursor);
    (rows, next)
}

/// The number of rows of a page, from `?limit=`.
pub(crate) fn limit(page: &PageRequest) -> u32 {
    /// The rows of a page unless another number is asked for.
    const USUAL: u32 = 50;
    /// The most rows of a page.
    const MAX: u32 = 200;
    page.value("limit").and_then(|it| it.parse().ok()).unwrap_or(USUAL).clamp(1, MAX)
}
