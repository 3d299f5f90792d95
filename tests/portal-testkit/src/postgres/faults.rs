//! The faults of a server. They take `&self`, so that tests can keep a cluster in a static.

use crate::postgres::cluster::{Cluster, Server};
use crate::postgres::failure::Failure;

use crate::postgres::processes::{self, State, children, signal, state};
use crate::postgres::serve::{self, Started};

impl Cluster {
    /// Stops the server in an orderly way: connections end, everything is written.
    ///
    /// # Errors
    /// [`Failure::Late`] if it does not end.
    pub fn stop(&self) -> Result<(), Failure> {
        let mut server = self.server();
        let Some(postmaster) = server.process else { return Ok(()) };
        self.family_hears("CONT", postmaster)?;
        signal("INT", &[postmaster])?;
        self.wait_until("the server's end", || state(postmaster) == State::Gone)?;
        ended(&mut server)
    }

    /// Kills all processes of the server, which can neither notify clients nor write files, and waits
    /// for their end. The next start recovers.
    ///
    /// # Errors
    /// [`Failure::Late`] if they do not end.
    pub fn kill(&self) -> Result<(), Failure> {
        let mut server = self.server();
        let Some(postmaster) = server.process else { return Ok(()) };
        let children = self.frozen(postmaster)?;
        signal("KILL", &[&[postmaster], &children[..]].concat())?;
        self.wait_until("the end of all processes", || {
            children.iter().chain([&postmaster]).all(|one| state(*one) == State::Gone)
        })?;
        ended(&mut server)
    }

    /// Starts a server that was stopped or killed, on the same port and with the same data, and
    /// waits until it accepts connections. A running server is not touched.
    ///
    /// # Errors
    /// The error of the server, or [`Failure::Late`].
    pub fn start_again(&self) -> Result<(), Failure> {
        let mut server = self.server();
        match server.process {
            Some(postmaster) if state(postmaster) != State::Gone => return Ok(()),
            // The server ended by itself.
            Some(_) => ended(&mut server)?,
            None => {}
        }
        // The port must stay the same, because clients have it; another process may hold it briefly.
        processes::wait_for(|| match serve::serve(self, &mut server) {
            Ok(Started::Ready) => Some(Ok(())),
            Ok(Started::PortTaken) => None,
            Err(failure) => Some(Err(failure)),
        })
        .unwrap_or_else(|| Err(self.late("the cluster's port")))
    }

    /// Suspends all processes of the server: connections stay open without any answer.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], or [`Failure::Late`] if a process continues.
    pub fn pause(&self) -> Result<(), Failure> {
        let server = self.server();
        let postmaster = server.process.ok_or(Failure::NotRunning)?;
        let children = self.frozen(postmaster)?;
        signal("STOP", &children)?;
        self.wait_until("all processes to pause", || {
            children.iter().all(|child| state(*child) != State::Alive)
        })
    }

    /// Continues a paused server.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], or [`Failure::Late`] if a process does not continue.
    pub fn resume(&self) -> Result<(), Failure> {
        let server = self.server();
        let postmaster = server.process.ok_or(Failure::NotRunning)?;
        self.family_hears("CONT", postmaster)?;
        self.wait_until("the server to go on", || state(postmaster) != State::Stopped)
    }

    /// Suspends the postmaster, so that it starts no more children, and returns its children.
    fn frozen(&self, postmaster: u32) -> Result<Vec<u32>, Failure> {
        signal("STOP", &[postmaster])?;
        self.wait_until("the server to pause", || state(postmaster) != State::Alive)?;
        children(postmaster)
    }

    fn family_hears(&self, name: &str, postmaster: u32) -> Result<(), Failure> {
        signal(name, &[&children(postmaster)?[..], &[postmaster]].concat())
    }

    fn wait_until(&self, what: &str, done: impl Fn() -> bool) -> Result<(), Failure> {
        processes::wait_for(|| done().then_some(())).ok_or_else(|| self.late(what))
    }

    fn late(&self, what: &str) -> Failure {
        Failure::Late { what: what.into(), log: self.log() }
    }
}

fn ended(server: &mut Server) -> Result<(), Failure> {
    server.process = None;
    server.guard.wait()
}
