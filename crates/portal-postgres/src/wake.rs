//! Waking other processes: `LISTEN` and `NOTIFY`, with the callers' timers behind them.
//!
//! Only a remedy notifies. Whoever records events settles them itself; the others' timers see to what
//! it does not get to. To notify with each commit would put all commits of the database in one queue.

use std::future::poll_fn;
use std::time::Duration;

use portal_domain::StoreError;
use tokio_postgres::AsyncMessage;

use crate::address::Address;
use crate::connection::{failed, opening};

/// Tells every process that events are due, when the transaction commits.
pub(crate) const NOTIFY: &str = "notify donation_portal_due";

const LISTEN: &str = "listen donation_portal_due";

/// How long a listener waits that has lost its connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Calls `wake` for each notification, and after each new connection, because some may have been
/// missed. Does not end.
pub(crate) async fn listen(address: Address, wake: impl Fn() + Send + Sync) {
    loop {
        // Why it failed, those are told who work with the database.
        drop(listen_once(&address, &wake).await);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(address: &Address, wake: &(impl Fn() + Sync)) -> Result<(), StoreError> {
    let Address { config, tls } = address.clone();
    let connecting = async { config.connect(tls).await.map_err(failed) };
    let (client, mut connection) = opening(connecting).await?;
    let mut listening = std::pin::pin!(client.batch_execute(LISTEN));
    let mut listens = false;
    loop {
        tokio::select! {
            message = poll_fn(|cx| connection.poll_message(cx)) => match message {
                Some(Ok(AsyncMessage::Notification(_))) => wake(),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(failed(error)),
                None => return Ok(()),
            },
            listened = &mut listening, if !listens => {
                listened.map_err(failed)?;
                listens = true;
                wake();
            }
        }
    }
}
