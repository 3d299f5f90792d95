//! The contract of the stand-ins with the authors of tests.

mod postgres;
mod stripe;
