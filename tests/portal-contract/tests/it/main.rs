//! Rules of the domain, told with the events of the contract.

mod rules;
