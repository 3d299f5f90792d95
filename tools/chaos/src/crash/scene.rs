//! The servers under test, and the cluster or file of their database.

use std::net::SocketAddr;
use std::path::Path;

use portal_harness::database::{Database, Store};
use portal_harness::server::{self, Setup};
use portal_testkit::postgres::{Cluster, Durability};
use xtask::run::{Background, Failure};

/// Servers on one database.
pub(crate) struct Scene {
    replicas: Vec<Replica>,
    /// The database of all of them.
    pub(crate) database: Database,
    /// The cluster of the database, removed with its files; `None` for a database that is a file.
    pub(crate) cluster: Option<Cluster>,
}

struct Replica {
    setup: Setup,
    /// The process, while it lives.
    server: Option<Background>,
}

impl Scene {
    /// One server on a file, or two on PostgreSQL, with all that they write in `folder`.
    pub(crate) fn new(store: Store, program: &Path, folder: &Path) -> Result<Self, Failure> {
        let (cluster, database, names) = match store {
            Store::Sqlite => (None, Database::Sqlite(folder.join("portal.db")), &["portal"][..]),
            Store::Postgres => {
                let cluster = Cluster::start_in(folder, Durability::Real, &[])?;
                let url = cluster.url(&cluster.new_database()?);
                (Some(cluster), Database::Postgres(url), &["first", "second"][..])
            }
        };
        let replica = |name: &&str| {
            let setup = Setup::on(database.clone(), program, folder, name)?;
            Ok(Replica { setup, server: None })
        };
        let replicas = names.iter().map(replica).collect::<Result<_, Failure>>()?;
        Ok(Self { replicas, database, cluster })
    }

    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.replicas.iter().map(|replica| replica.setup.address).collect()
    }

    /// Starts the servers that are not running; fails where one has ended by itself.
    pub(crate) fn start(&mut self) -> Result<(), Failure> {
        for replica in &mut self.replicas {
            match &mut replica.server {
                Some(server) => server.check_alive()?,
                none => *none = Some(replica.setup.start()?),
            }
        }
        Ok(())
    }

    /// Fails where what is kept of a donation is not what follows from the ledger.
    pub(crate) fn expect_ledger(&self) -> Result<(), Failure> {
        self.replicas.iter().take(1).try_for_each(|it| it.setup.check_ledger())
    }

    /// Kills the server at the place `chance`, however great that is; tells how many are left.
    pub(crate) fn kill_one(&mut self, chance: u64) -> usize {
        let count = u64::try_from(self.replicas.len()).unwrap_or(1);
        let place = usize::try_from(chance % count).unwrap_or_default();
        if let Some(mut server) = self.replicas.get_mut(place).and_then(|it| it.server.take()) {
            server.kill();
        }
        self.replicas.iter().filter(|replica| replica.server.is_some()).count()
    }

    /// Stops the servers in their own way.
    pub(crate) fn stop(&mut self) -> Result<(), Failure> {
        let mut servers = self.replicas.iter_mut().filter_map(|replica| replica.server.take());
        servers.try_for_each(server::stop)
    }

    /// Prints of what their logs complain.
    pub(crate) fn print_complaints(&self) {
        for Replica { setup, .. } in &self.replicas {
            for (complaint, count) in setup.complaints() {
                println!("{} logged {count} times: {complaint}", setup.address);
            }
        }
    }
}
