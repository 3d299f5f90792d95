//! Parts that the tools share: the server and the Worker under test as processes, signed deliveries
//! for them, and their databases, read past them.

pub mod delivery;
pub mod http;
pub mod memory;

pub mod database;

pub mod server;
pub mod worker;
