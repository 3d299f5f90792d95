//! A donation is there as soon as its delivery was acknowledged, whichever server answered.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use portal_harness::database::{Database, Store};
use portal_harness::delivery::{Deliveries, IdShape, Ids, SAMPLE_AMOUNT, payment_of};
use portal_harness::http;
use portal_harness::server;
use xtask::figures;
use xtask::run::Failure;

use crate::crash::scene::Scene;

/// Senders at once: enough that every write is of a group.
const SENDERS: usize = 16;

/// Delivers `payments`, and looks for each one right after its answer.
pub(crate) fn run(program: &Path, store: Store, payments: usize, seed: u64) -> Result<(), Failure> {
    let folder = server::empty_folder("crash")?;
    let mut scene = Scene::new(store, program, &folder)?;
    scene.start()?;
    let (addresses, database) = (scene.addresses(), &scene.database);
    let mut ids = Ids::new(IdShape::Stripe, seed);
    let ids: Vec<_> = (0..payments).map(|_| ids.draw()).collect();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let (addresses, ids) = (&addresses, &ids);
        let sender = |it| move || send(database, addresses, ids.iter().skip(it).step_by(SENDERS));
        let senders: Vec<_> = (0..SENDERS).map(|it| scope.spawn(sender(it))).collect();
        senders.into_iter().try_for_each(|it| it.join().map_err(|_| "a sender panicked")?)
    })?;
    println!("{payments} donations were there at once, in {} s", begun.elapsed().as_secs());
    figures::sum("donations there at once", payments)?;
    scene.stop()?;
    drop(scene);
    Ok(fs::remove_dir_all(folder)?)
}

/// Delivers the events `ids` to `servers` in turn, and looks past the servers for what they changed.
fn send<'i>(
    database: &Database,
    servers: &[SocketAddr],
    ids: impl Iterator<Item = &'i String>,
) -> Result<(), Failure> {
    let (reader, deliveries) = (database.open()?, Deliveries::new()?);
    for (id, server) in ids.zip(servers.iter().cycle()) {
        let status = http::exchange(*server, &deliveries.request(id))?.status;
        if status != 200 {
            return Err(format!("{id} was answered {status}").into());
        }
        let payment = payment_of(id);
        let donation = format!(
            "select count(*) from donation \
             where id = '{payment}' and state = 'paid' and amount = {SAMPLE_AMOUNT}"
        );
        if reader.number(&donation)? != 1 {
            return Err(format!("{id} was acknowledged, and its donation is not there").into());
        }
    }
    Ok(())
}
