//! The JSON of the API and of files.

use serde::Serialize;
use serde_json::Value;

/// The text of one JSON value.
pub(crate) struct Json(String);

#[derive(Serialize)]
struct JsonList<'l, T: ?Sized> {
    data: &'l T,
    next: Option<String>,
}

impl Json {
    /// Writes `object`, which has no maps but those with text keys, so that it is JSON.
    pub(crate) fn of(object: &impl Serialize) -> Self {
        let json = serde_json::to_string(object);
        debug_assert!(json.is_ok(), "the object is JSON");
        Self(json.unwrap_or_default())
    }

    /// Writes one page of a list; `next` is the value of `after` for the next page.
    pub(crate) fn list(data: &(impl Serialize + ?Sized), next: Option<String>) -> Self {
        Self::of(&JsonList { data, next })
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
}
