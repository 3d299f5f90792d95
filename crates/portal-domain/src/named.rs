//! Enums whose values have names in the store, in logs and in output.

/// Adds `name`, which `strum` makes from the variants.
macro_rules! named {
    ($($kind:ty),*) => {$(
        impl $kind {
            /// Returns the name in the store, in logs and in output.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.into()
            }
        }
    )*};
}

/// Adds `name` and, back from it, `from_name`.
macro_rules! named_and_read {
    ($($kind:ty),*) => {
        named!($($kind),*);
        $(impl $kind {
            /// Returns the value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                name.parse().ok()
            }
        })*
    };
}
