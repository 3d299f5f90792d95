//! What can happen to a server. All of it takes `&self`, so that a test can keep it in a static.

use crate::cluster::{Cluster, Server};
use crate::failure::Failure;

use crate::processes::{self, State, children, signal, state};
use crate::serve::{self, Started};

impl Cluster {
    /// Stops the server as its operator would: connections end, everything is written.
    ///
    /// # Errors
    /// [`Failure::Late`] when it does not end.
    pub fn stop(&self) -> Result<(), Failure> {
        let mut server = self.server();
        let Some(postmaster) = server.process else { return Ok(()) };
        self.family_hears("CONT", postmaster)?;
        signal("INT", &[postmaster])?;
        self.wait_until("the server's end", || state(postmaster) == State::Gone)?;
        ended(&mut server)
    }

    /// Kills the server with all its processes, without a word to clients or files, and waits until
    /// they are gone. The next start recovers.
    ///
    /// # Errors
    /// [`Failure::Late`] when they do not end.
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
    /// waits until it accepts connections. One that runs is left alone.
    ///
    /// # Errors
    /// What the server said, or [`Failure::Late`].
    pub fn start_again(&self) -> Result<(), Failure> {
        let mut server = self.server();
        match server.process {
            Some(postmaster) if state(postmaster) != State::Gone => return Ok(()),
            // It ended without having been told to.
            Some(_) => ended(&mut server)?,
            None => {}
        }
        // The port may be somebody's for a moment; it must be the same, clients know it.
        processes::wait_for(|| match serve::serve(self, &mut server) {
            Ok(Started::Ready) => Some(Ok(())),
            Ok(Started::PortTaken) => None,
            Err(failure) => Some(Err(failure)),
        })
        .unwrap_or_else(|| Err(self.late("the cluster's port")))
    }

    /// Stops time for the server: connections stay open, nothing answers.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], or [`Failure::Late`] when a process goes on.
    pub fn pause(&self) -> Result<(), Failure> {
        let server = self.server();
        let postmaster = server.process.ok_or(Failure::NotRunning)?;
        let children = self.frozen(postmaster)?;
        signal("STOP", &children)?;
        self.wait_until("all processes to pause", || {
            children.iter().all(|child| state(*child) != State::Alive)
        })
    }

    /// Lets a paused server go on.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], or [`Failure::Late`] when a process does not go on.
    pub fn resume(&self) -> Result<(), Failure> {
        let server = self.server();
        let postmaster = server.process.ok_or(Failure::NotRunning)?;
        self.family_hears("CONT", postmaster)?;
        self.wait_until("the server to go on", || state(postmaster) != State::Stopped)
    }

    /// Pauses the postmaster, after which it starts no more children, and lists those it has.
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
