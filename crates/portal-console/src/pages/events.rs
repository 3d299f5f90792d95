//! The inbox: its events, one event, and what an operator does with them.

mod act;
mod list;
mod one;
mod selection;

pub(crate) use act::{
    EventAct, acknowledge, act_on_events, confirm_acknowledge, confirm_ignore, confirm_reprocess,
    ignore, reprocess,
};
pub(crate) use list::{EventPage, event_page, events};
pub(crate) use one::event;
pub(crate) use selection::selection;
