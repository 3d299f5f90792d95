//! HTTP/1.1 as far as tests need it, on either side of a connection.

mod answer;
mod client;
mod connection;
mod message;
mod request;

pub use answer::Answer;
pub use client::{Client, UrlClient};
pub use connection::{Connection, exchange};
pub use request::{Request, WEBHOOK, bare, delivery, delivery_head};
