"""Receives Stripe's events with FastAPI, and keeps each once in SQLite: what a good programmer
writes in an afternoon. `cargo xtask bench --peers` measures the server beside it.

    DATABASE=… STRIPE_WEBHOOK_SECRET=… uvicorn server:app --port …
"""

import os
import sqlite3

import stripe
from fastapi import FastAPI, HTTPException, Request

SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]

# Each statement is a transaction of its own.
database = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
database.execute("pragma journal_mode = wal")
# What was answered 200 outlives a loss of power.
database.execute("pragma synchronous = full")
database.execute(
    "create table if not exists event"
    " (id text primary key, type text not null, created integer not null)"
)

app = FastAPI()


@app.post("/api/webhooks/stripe")
async def receive(request: Request):
    """Verifies the bytes as they came, and keeps the event unless it is there already."""
    signature = request.headers.get("stripe-signature", "")
    try:
        event = stripe.Webhook.construct_event(await request.body(), signature, SECRET)
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise HTTPException(status_code=400, detail=str(error)) from error
    # Not handed to a thread: that would take longer than the insert itself.
    database.execute(
        "insert into event (id, type, created) values (?, ?, ?) on conflict (id) do nothing",
        (event.id, event.type, event.created),
    )
    return {"received": True}
