//! A pool of connections, as pools commonly are: each serves one request at a time, whoever came
//! first goes first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use portal_domain::{AccountPath, EnumWord, Event, EventId, ObjectId};
use portal_harness::database;
use tokio::sync::Semaphore;
use tokio_postgres::{Client, Statement};
use xtask::run::Failure;

const INSERT: &str = "\
    insert into event (seq, id, payload, type, created, livemode, api_version, account, object_id, \
        snapshot_event, facts, state, reason, origin, received_at) \
    values (nextval('event_seq'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
    on conflict (id) do nothing";

/// Connections, each with its statement.
pub(crate) struct Pool {
    /// As many permits as there are connections; fair.
    free: Semaphore,
    idle: Mutex<VecDeque<Prepared>>,
}

struct Prepared {
    client: Client,
    insert: Statement,
}

impl Pool {
    /// Opens all `connections`.
    pub(crate) async fn open(url: &str, connections: usize) -> Result<Self, Failure> {
        let mut idle = VecDeque::with_capacity(connections);
        for _ in 0..connections {
            let client = database::connect(url).await?;
            client.batch_execute("set synchronous_commit = on").await?;
            let insert = client.prepare(INSERT).await?;
            idle.push_back(Prepared { client, insert });
        }
        Ok(Self { free: Semaphore::new(connections), idle: Mutex::new(idle) })
    }

    /// Makes `event` durable, once by its id.
    pub(crate) async fn insert(&self, event: &Event) -> Result<(), Failure> {
        // Before a connection is taken, which others wait for.
        let facts = event.facts.as_ref().map(serde_json::to_string).transpose()?;
        let _permit = self.free.acquire().await?;
        let connection = self.lock().pop_front().ok_or("a connection was lost")?;
        let inserted = connection.insert(event, facts.as_deref()).await;
        self.lock().push_back(connection);
        inserted
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Prepared>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Prepared {
    async fn insert(&self, event: &Event, facts: Option<&str>) -> Result<(), Failure> {
        let inserted = self
            .client
            .execute(
                &self.insert,
                &[
                    &event.id.as_str(),
                    &event.payload.name(),
                    &event.event_type.as_str(),
                    &event.created.get(),
                    &event.livemode,
                    &event.api_version.as_ref().map(EnumWord::as_str),
                    &event.account.as_ref().map(AccountPath::as_str),
                    &event.object_id.as_ref().map(ObjectId::as_str),
                    &event.snapshot_event.as_ref().map(EventId::as_str),
                    &facts,
                    &event.state.name(),
                    &event.state.reason(),
                    &event.origin.name(),
                    &event.received_at.get(),
                ],
            )
            .await;
        Ok(inserted.map(drop)?)
    }
}
