//! The suites for stores, run on D1 inside the Workers runtime.
//!
//! `GET /cases` answers with the names of all cases; `POST /cases/<name>?<orders>` runs one on an emptied
//! database, a story in so many orders at most, and answers 200. A case that fails panics: the runtime
//! prints why and answers 500, and the next request meets a new instance. `POST /payments/<count>`
//! records so many, and looks for each one's donation at once.

#![expect(clippy::expect_used, reason = "a database that cannot be emptied fails the case")]
#![expect(clippy::future_not_send, reason = "the runtime has one thread")]

use portal_contract::{each_payment_is_there_at_once, emptying, names, run};
use portal_d1::{D1Executor, D1Store};
use worker::{Context, D1Database, Env, Method, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    let path = request.path();
    let payments = path.strip_prefix("/payments/").and_then(|it| it.parse().ok());
    if let (Method::Post, Some(payments)) = (request.method(), payments) {
        each_payment_is_there_at_once(&fresh_store(&env).await, payments).await;
        return Response::empty();
    }
    match (request.method(), path.strip_prefix("/cases/")) {
        (Method::Get, None) if path == "/cases" => {
            Response::from_json(&names().collect::<Vec<_>>())
        }
        (Method::Post, Some(case)) => {
            let url = request.url()?;
            let orders = url.query().and_then(|it| it.parse().ok());
            let Some(orders) = orders else { return Response::error("how many orders?", 400) };
            let ran = run(case, orders, async || fresh_store(&env).await).await;
            ran.map_or_else(|| Response::error("no such case", 404), |()| Response::empty())
        }
        _ => Response::error("no such path", 404),
    }
}

async fn fresh_store(env: &Env) -> D1Store {
    let database: D1Database = env.d1("DATABASE_URL").expect("the binding");
    let statements = emptying().into_iter().map(|it| database.prepare(it)).collect();
    database.batch(statements).await.expect("emptied");
    D1Store::new(D1Executor::new(database))
}
