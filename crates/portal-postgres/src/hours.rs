//! The delivery history, by the hour.

use portal_domain::ports::ROLLED_UP_MAX;
use portal_domain::{DeliveryHistory, StoreError, UnixSeconds, row_decode};

use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::sql::hours as sql;

/// Rolls up new events, as many as one step takes. Returns the history, and whether there are more.
pub(crate) async fn delivery_history(
    open: &OpenConnection,
    since: UnixSeconds,
) -> Result<(DeliveryHistory, bool), StoreError> {
    open.run(sql::ONE_ROLLS_UP).await?;
    if let Some(row) = open.first(sql::UP_TO, &[&i64::from(ROLLED_UP_MAX)]).await? {
        let up_to: i64 = read(&row, 0)?;
        open.execute(sql::ROLL_UP, &[&up_to]).await?;
        open.execute(sql::ROLLED_UP, &[&up_to]).await?;
    }
    let row = open.first(sql::TELL, &[&since.get()]).await?.ok_or(StoreError::Corrupt)?;
    row_decode::delivery_history(&PostgresRow(&row))
}
